"""Cboe's daily market statistics of options: what was traded in puts against calls, one file per session.

A file appears the morning after its session and says which session it is of in its name only. Ratios are texts with two
decimals; "0.00" is told where nothing was traded, and is kept as told. Products come and go, so those that are not read are
not looked at. Volumes stand in blocks beside the ratios, the sum of all products as one object in older files and as a list
since; they may be left out. Where a ratio and its volumes are both told, they must agree.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Grid, Request, RowRule, Source

HOST = "cdn.cboe.com"
DATASET = "cboe_put_call"
FIRST = date(2019, 10, 7)  # the first session told in this form
NONE_IN_A_ROW = 10  # sessions without a file, one after the other: nothing older is there
PER_RUN = 300  # sessions asked at once, the newest first; the next run goes on
HOUR = 9  # New York, of the session after
NOT_THERE = b"<Code>AccessDenied</Code>"
TAIL = " PUT/CALL RATIO"
# product → its name before ``TAIL``, and the block with its volumes
PRODUCTS = {
    "total": ("TOTAL", "SUM OF ALL PRODUCTS"),
    "index": ("INDEX", "INDEX OPTIONS"),
    "etp": ("EXCHANGE TRADED PRODUCTS", "EXCHANGE TRADED PRODUCTS"),
    "equity": ("EQUITY", "EQUITY OPTIONS"),
}
_RATIO = re.compile(r"^\d{1,6}\.\d{2}$")
_HALF = 0.005 + 1e-9  # a ratio is told to a hundredth

COLUMNS = {
    "session_date": Column(pl.Date(), "date", "Session of the trades"),
    "product": Column(pl.String(), "id", "total, index, etp (exchange traded products) or equity"),
    "ratio": Column(pl.Float64(), "ratio", "Volume of puts over volume of calls, as told; 0 where nothing was traded"),
    "call_volume": Column(pl.Float64(), "count", "Calls traded, contracts; null where not told"),
    "put_volume": Column(pl.Float64(), "count", "Puts traded, contracts; null where not told"),
}


def _ratios(body: Body, answer: Mapping[str, Any]) -> dict[str, float]:
    """The ratios by their name without its tail."""
    told = answer.get("ratios")
    if not isinstance(told, list) or not told:
        raise body.wrong("the answer must hold ratios, a list with entries", sorted(answer)[:8])
    found: dict[str, float] = {}
    for entry in told:
        row = body.mapping(entry, "a ratio")
        name, value = row.get("name"), row.get("value")
        if not isinstance(name, str) or not name.endswith(TAIL):
            raise body.wrong(f"the name of a ratio must end with{TAIL}", repr(name)[:80])
        if not isinstance(value, str) or not _RATIO.match(value):
            raise body.wrong("a ratio must be a text with two decimals", f"{name}: {value!r}"[:120])
        if name.removesuffix(TAIL) in found:
            raise body.wrong("each ratio must be told once", name)
        found[name.removesuffix(TAIL)] = float(value)
    return found


def _volumes(body: Body, block: object, name: str) -> tuple[float | None, float | None]:
    """(calls, puts) of a block: a list of rows, or one object that is its row of volume; nothing where it is not told."""
    if block is None:
        return None, None
    rows = [block] if isinstance(block, dict) else block
    if not isinstance(rows, list):
        raise body.wrong(f"{name} must be a list or an object", repr(block)[:80])
    volume = [row for row in (body.mapping(r, f"a row of {name}") for r in rows) if row.get("name") == "VOLUME"]
    if len(volume) != 1:
        raise body.wrong(f"{name} must hold one row VOLUME", f"{len(volume)} of {len(rows)} rows")
    counts: list[int] = []
    for field in ("call", "put", "total"):
        count = volume[0].get(field)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise body.wrong(f"volumes of {name} must be whole numbers", f"{field}: {count!r}"[:80])
        counts.append(count)
    calls, puts, both = counts
    if calls + puts != both:
        raise body.wrong(f"calls and puts of {name} must add up to their total", f"{calls} + {puts}, not {both}")
    return float(calls), float(puts)


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The ratios of one session, those of ``PRODUCTS``. Series: the session."""
    if NOT_THERE in body.data[:1000]:
        raise body.nothing("the vendor has no file of that session (yet)")
    day = date.fromisoformat(body.request.series)
    answer = body.mapping(body.json(("ratios",)), "the answer")
    ratios = _ratios(body, answer)
    missing = sorted(name for name, _ in PRODUCTS.values() if name not in ratios)
    if missing:
        raise body.wrong(f"ratios of {missing} must be told", sorted(ratios)[:8], "The vendor renamed a product.")
    rows = [
        (day, product, ratios[name], *_volumes(body, answer.get(block), block))
        for product, (name, block) in PRODUCTS.items()
    ]
    return pl.DataFrame(rows, {name: column.dtype for name, column in COLUMNS.items()}, orient="row")


def _public_at(days: pl.Series) -> pl.Series:
    return calendar.at_new_york(calendar.next_session(days), HOUR)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """09:00 New York of the session after."""
    return _public_at(frame["session_date"])


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """Sessions whose file has appeared and is not held, the newest first, in the full tier, at most ``PER_RUN`` at once.

    The history is filled backwards from run to run, until ``NONE_IN_A_ROW`` sessions had no file: there it begins. A session
    without a file is asked more and more rarely.
    """
    if state.tier != "full":
        return
    sessions = calendar.sessions()
    asked = without = 0
    for number in range(bisect_right(sessions, planning.last_session(as_of)) - 1, -1, -1):
        day = sessions[number]
        if day < FIRST or asked == PER_RUN or without == NONE_IN_A_ROW:
            return
        mark = state.covered.get(str(day))
        without = 0 if mark is None or mark.outcome == "data" else without + 1
        is_held = mark is not None and (mark.outcome == "data" or planning.waits(mark, as_of))
        if is_held or _public_at(pl.Series([day]))[0] > as_of:
            continue
        asked += 1
        url = f"https://{HOST}/data/us/options/market_statistics/daily/{day}_daily_options"
        yield Request(str(day), url, day, day, as_of, whole=True)


_RATIO_COLUMN, _CALLS, _PUTS = pl.col("ratio"), pl.col("call_volume"), pl.col("put_volume")

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="cboe",
        title="Puts against calls traded at Cboe, by session",
        columns=COLUMNS,
        key=("session_date", "product"),
        observed="session_date",
        cadence="session",
        lag_sessions=1,
        stale_after_sessions=4,
        grid=Grid("session", rows="product = 'total'"),
        tier="full",
        criticality="optional",
        licence="Cboe website terms: for own use; statistics are Cboe's property and may not be passed on.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.5,
        absent=(403, NOT_THERE),
        rules=(
            RowRule(
                "ratio_impossible",
                _RATIO_COLUMN.is_null() | ~_RATIO_COLUMN.is_finite() | (_RATIO_COLUMN < 0) | (_RATIO_COLUMN > 100),
                "a ratio of puts to calls must lie between 0 and 100",
            ),
            RowRule(
                "ratio_contradicts_volumes",
                (_CALLS > 0) & ((_RATIO_COLUMN - _PUTS / _CALLS).abs() > _HALF),
                "a ratio must be that of the volumes told beside it, to a hundredth",
            ),
        ),
        input_id="'put_call'",
    ),
)
