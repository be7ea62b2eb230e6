"""FINRA's short interest: the short positions of every security at two settlement days a month, one whole file per day.

The file is called .csv and has fields between bars (`|`), no quotes and no trailer; symbols have no dots (BRKB), names end
after 30 characters. `daysToCoverQuantity` is at least 1.00 and at most 999.99, which stands for no volume; `changePercent` is
100.00 where nobody was short before. Both are told as unknown then. Securities that trade over the counter (market class
`OTC`, two fifths of the file) are left out.

A file that is not there (yet, or any more) is HTTP 403 with an S3 note `AccessDenied`: an empty answer, neither a failure nor
an unknown series. Any other 403 is a failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, Covered, FetchState, Request, RowRule, Source

HOST = "cdn.finra.org"
DATASET = "finra_short_interest"
NOT_THERE = b"<Code>AccessDenied</Code>"
BUSINESS_DAYS = 8  # bond days from settlement to dissemination
HOUR = 18  # New York: files come after 16:00
REVISED_AFTER = 10  # sessions after dissemination at which a file is asked for once more
DAYS_BACK = 730
OVER_THE_COUNTER = "OTC"
NO_VOLUME = 999.99
_FIELDS = {
    "settlementDate": "settlement_date",
    "symbolCode": "symbol",
    "issueName": "name",
    "marketClassCode": "market_class",
    "currentShortPositionQuantity": "short_interest",
    "previousShortPositionQuantity": "previous_short_interest",
    "averageDailyVolumeQuantity": "average_daily_volume",
    "daysToCoverQuantity": "days_to_cover",
    "changePercent": "change_pct",
    "revisionFlag": "is_revised",
    "stockSplitFlag": "is_split",
}
_COUNTS = ("short_interest", "previous_short_interest", "average_daily_volume")

COLUMNS = {
    "settlement_date": Column(pl.Date(), "date", "Settlement day whose open short positions these are"),
    "symbol": Column(
        pl.String(), "id", "Symbol as the vendor spells it: classes and series without a dot (BRKB, PSAPRG)"
    ),
    "name": Column(pl.String(), "text", "Name, cut after 30 characters"),
    "market_class": Column(pl.String(), "text", "Where it is listed: NYSE, NNM (Nasdaq), SC, ARCA, BZX, AMEX"),
    "short_interest": Column(pl.Float64(), "count", "Shares sold short and not covered at the settlement day"),
    "previous_short_interest": Column(
        pl.Float64(), "count", "The same at the settlement day before, as revised since; not restated for a split"
    ),
    "average_daily_volume": Column(pl.Float64(), "count", "Mean volume of a session between the two settlement days"),
    "days_to_cover": Column(
        pl.Float64(), "ratio", "Short interest over mean volume, never told below 1.00; null without volume (999.99)"
    ),
    "change_pct": Column(
        pl.Float64(), "pct", "Change from the settlement day before; null where nobody was short then"
    ),
    "is_revised": Column(pl.Boolean(), "flag", "The vendor marks the position as revised"),
    "is_split": Column(pl.Boolean(), "flag", "A split lies between the two settlement days"),
}


def _flag(body: Body, text: pl.Series, mark: str) -> pl.Series:
    odd = text.filter(~text.is_in(["", mark]))
    if len(odd):
        raise body.wrong(f"{text.name} must be {mark!r} or blank", odd[0], "Update the connector.")
    return text == mark


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The listed securities of one settlement day, in the vendor's order."""
    if NOT_THERE in body.data[:1000]:
        raise body.nothing("the vendor has no file of that day (yet)")
    text = body.csv(list(_FIELDS), delimiter="|").rename(_FIELDS)
    if text.is_empty():
        raise body.wrong("the file must hold rows", "a header alone")
    days = body.dates(text["settlement_date"], "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    other = days.filter(days.cast(pl.String) != body.request.series)
    if len(other):
        raise body.wrong(f"each row must be of settlement day {body.request.series}", other[0])
    frame = text.with_columns(
        days,
        *(number(text[name]) for name in (*_COUNTS, "days_to_cover", "change_pct")),
        _flag(body, text["is_revised"], "R"),
        _flag(body, text["is_split"], "S"),
    ).filter(pl.col("market_class") != OVER_THE_COUNTER)
    if frame.is_empty():
        raise body.wrong("the file must hold securities listed on an exchange", f"{text.height} rows over the counter")
    return frame.with_columns(
        days_to_cover=pl.when(pl.col("days_to_cover") < NO_VOLUME, pl.col("average_daily_volume") > 0).then(
            "days_to_cover"
        ),
        change_pct=pl.when(pl.col("previous_short_interest") > 0).then("change_pct"),
    )


def known_at(frame: pl.DataFrame) -> pl.Series:
    """18:00 New York of the eighth bond day after settlement."""
    days = frame["settlement_date"].unique()
    public = pl.DataFrame([days, _public_at(days).alias("public_at")])
    return frame.select("settlement_date").join(public, on="settlement_date", maintain_order="left")["public_at"]


def _public_at(days: pl.Series) -> pl.Series:
    return calendar.at_new_york(calendar.bond_days_after(days, BUSINESS_DAYS), HOUR)


def _is_due(mark: Covered | None, public: datetime, as_of: datetime) -> bool:
    """Whether to ask: until there is a file, and once more when revisions have been entered."""
    if mark is None:
        return True
    if mark.outcome != "data":
        return not planning.waits(mark, as_of)
    return (
        planning.sessions_between(public, mark.fetched_at) < REVISED_AFTER <= planning.sessions_between(public, as_of)
    )


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The file of each settlement day of two years whose day of dissemination has come, newest first."""
    today = as_of.astimezone(calendar.NEW_YORK).date()
    days = pl.Series(
        calendar.settlement_days(today - timedelta(DAYS_BACK), today - timedelta(BUSINESS_DAYS)), dtype=pl.Date
    )
    for day, public in reversed(list(zip(days.to_list(), _public_at(days).to_list(), strict=True))):
        if public <= as_of and _is_due(state.covered.get(str(day)), public, as_of):
            yield Request(str(day), _url(day), day, day, as_of, whole=True)


def _url(day: date) -> str:
    return f"https://{HOST}/equity/otcmarket/biweekly/shrt{day:%Y%m%d}.csv"


_SHORT, _BEFORE, _VOLUME = (pl.col(name) for name in _COUNTS)
_ROUNDED = 0.02  # both ratios are told to a hundredth

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="finra",
        title="Short interest of listed securities, twice a month",
        columns=COLUMNS,
        key=("symbol", "settlement_date"),
        observed="settlement_date",
        cadence="event",
        lag_sessions=BUSINESS_DAYS,
        # the newest is 8 to 20 sessions old; one that has not come is more than 24
        stale_after_sessions=24,
        tier="full",
        criticality="optional",
        licence="FINRA terms: personal, non-commercial use; data may not be passed on.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        # a corrected position counts from when it was told; before that, the first one does
        versions="all",
        hosts=(HOST,),
        pace_seconds=0.5,
        absent=(403, NOT_THERE),
        rules=(
            RowRule(
                "count_not_positive",
                pl.any_horizontal(
                    pl.any_horizontal(c.is_null(), ~c.is_finite(), c < 0) for c in (_SHORT, _BEFORE, _VOLUME)
                ),
                "short positions and volume must be finite and not negative",
            ),
            RowRule(
                "days_to_cover_contradict",
                (pl.col("days_to_cover") - pl.max_horizontal(pl.lit(1.0), _SHORT / _VOLUME)).abs() > _ROUNDED,
                "days to cover must be short interest over mean volume, at least 1",
            ),
            RowRule(
                "change_contradicts",
                (pl.col("change_pct") - 100.0 * (_SHORT / _BEFORE - 1.0)).abs() > _ROUNDED,
                "the change must be that of the two positions",
            ),
        ),
        domain="flow",
    ),
)
