"""SEC EDGAR, how much: one line of a company's statements, every figure of it in every filing.

Belongs here: the figures as told, of quarters and of spans since the fiscal year began. Does not: quarters made of them
(``int_company_quarters``), which companies are asked (``sec``).

A later filing repeats the periods of the year before, in the share units of its own day: the same period is told several
times, and the number of the filing is part of the key. ``frame`` marks one of them and is not read.

Asked when there can be something new. The answer says how far a company has reported: the end of the quarter after that
stands in its mark (``Covered.hole``). From two weeks after that day net income is asked each session until the quarter is
there; earnings per share and shares follow the same evening, the other lines the next, each once. Without a report for a
hundred days every 13 weeks. At 150 companies that is some 230 questions a week, fewer than 300 in the busiest evening (half a
minute at the SEC's pace), and 900 the first time (two minutes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, Covered, FetchState, Request, RowRule, Source
from ingestion.sources import sec

DATASET = "sec_companyconcept"
LEADER = "NetIncomeLoss"  # each company has it, so it tells when a report has come
CONCEPTS = (
    LEADER,
    *("EarningsPerShareDiluted", "WeightedAverageNumberOfDilutedSharesOutstanding"),
    *("PaymentsForRepurchaseOfCommonStock", "ProceedsFromIssuanceOfCommonStock"),
    "PaymentsToAcquirePropertyPlantAndEquipment",
)
NEED_NOT_BE = frozenset(CONCEPTS[3:])  # a company that never bought back shares does not have the line
UNITS = ("USD", "USD/shares", "shares")
FIRST_END = date(2017, 1, 1)  # older periods are not kept
LEAST_SHARES = 1_000_000  # one filing of McDonald's tells 751.8 for 751.8 million
QUARTER = timedelta(days=91)
REPORTED_AFTER, GIVEN_UP_AFTER = timedelta(days=14), timedelta(days=100)  # counted from the end of the quarter awaited
AT_LEAST_EACH = timedelta(weeks=13)
_FACT = ("start", "end", "val", "accn", "fy", "fp", "form", "filed")

COLUMNS = {
    "cik": Column(pl.Int64(), "id", "SEC central index key"),
    "concept": Column(pl.String(), "id", "Name of the line in the US-GAAP taxonomy"),
    "unit": Column(pl.String(), "text", "USD, USD/shares or shares"),
    "period_start": Column(pl.Date(), "date", "First day of the period"),
    "period_end": Column(pl.Date(), "date", "Last day of the period: a quarter, or a span since the fiscal year began"),
    "accession": Column(pl.String(), "id", "Number of the filing that tells it"),
    "fiscal_year": Column(pl.Int64(), "count", "Fiscal year of the filing, not of the period; null where not told"),
    "fiscal_period": Column(
        pl.String(), "text", "Q1 to Q3 or FY of the filing, not of the period; null where not told"
    ),
    "form": Column(pl.String(), "text", "Form of the filing, e.g. 10-Q or 10-K/A"),
    "filed": Column(pl.Date(), "date", "Date the filing bears"),
    "value": Column(
        pl.Float64(), "varies", "The figure in `unit`; per share and in shares: in the share units of the filing's day"
    ),
}


def _dated(body: Body, facts: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The facts about a span of time that ended late enough. Each must say when it was filed, or it would be known early."""
    for fact in facts:
        if not fact.get("filed") or not fact.get("accn"):
            raise body.wrong("each fact must say when and in which filing it was filed", str(dict(fact))[:200])
    first = FIRST_END.isoformat()
    return [fact for fact in facts if fact.get("start") and fact["end"] >= first]


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The figures of one line in dollars, dollars per share or shares, in the order given. Series: ``CIK/CONCEPT``.

    A figure that a filing tells twice, equally, is one row; of one told differently the loader sets both aside.
    """
    sec.known(body)
    series, _, concept = body.request.series.partition("/")
    answer = body.mapping(body.json(("units", "taxonomy", "tag")), "the answer")
    cik = sec.same_company(body, answer.get("cik"), series)
    if (answer.get("taxonomy"), answer.get("tag")) != ("us-gaap", concept):
        raise body.wrong(f"tag must be {concept} of us-gaap", f"{answer.get('taxonomy')}: {answer.get('tag')}")
    told: list[tuple[str, Mapping[str, Any]]] = []
    for unit, facts in body.mapping(answer.get("units"), "units").items():
        if not isinstance(facts, list):
            raise body.wrong("each unit must hold a list of facts", unit)
        if unit in UNITS:
            told += [(unit, fact) for fact in _dated(body, [body.mapping(f, "each fact") for f in facts])]
    if not told:
        raise body.nothing(f"no figure of a period that ended since {FIRST_END}")
    column = {name: [fact.get(name) for _, fact in told] for name in _FACT}
    if odd := [v for v in column["val"] if isinstance(v, bool) or not isinstance(v, int | float)]:
        raise body.wrong("val must be a number", repr(odd[0])[:80])
    values = [float(v) for v in column["val"] if v is not None]
    # all days at once: 675 answers of the sample take 0.7 s this way, 1.0 s column by column
    days = pl.Series("start, end and filed", [*column["start"], *column["end"], *column["filed"]], dtype=pl.String)
    dates, many = body.dates(days, "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$"), len(told)
    table = pl.DataFrame(
        {
            "cik": pl.repeat(cik, many, dtype=pl.Int64, eager=True),
            "concept": pl.repeat(concept, many, dtype=pl.String, eager=True),
            "unit": pl.Series([unit for unit, _ in told], dtype=pl.String),
            "period_start": dates[:many],
            "period_end": dates[many : 2 * many],
            "accession": pl.Series(column["accn"], dtype=pl.String),
            "fiscal_year": pl.Series(column["fy"], dtype=pl.Int64),
            "fiscal_period": pl.Series(column["fp"], dtype=pl.String),
            "form": pl.Series(column["form"], dtype=pl.String),
            "filed": dates[2 * many :],
            "value": pl.Series(values, dtype=pl.Float64) + 0.0,
        }
    )
    told_once = len({(unit, *(fact[name] for name in ("start", "end", "accn"))) for unit, fact in told})
    return table if told_once == many else table.unique(maintain_order=True)


def next_quarter(frame: pl.DataFrame, request: Request) -> date:
    """When the quarter after the newest one told ends, to a few days (``Source.hole``: what the answer does not have yet)."""
    newest = frame["period_end"].max()
    assert isinstance(newest, date)
    return newest + QUARTER


def _is_due(mark: Covered | None, leader: Covered | None, day: date, as_of: datetime) -> bool:
    """Whether a line is to be asked. ``leader``: the mark of the company's net income, None where this is that line."""
    if mark is None:
        return True
    if planning.waits(mark, as_of):
        return False
    if day - mark.last >= AT_LEAST_EACH:
        return True
    if leader is not None and leader.hole is not None and leader.hole_since is not None:
        # the leader's quarter awaited is new since then: a report has come that this line was not asked after
        return mark.last < planning.last_session(leader.hole_since)
    awaited = mark.hole
    return awaited is not None and day > mark.last and REPORTED_AFTER <= day - awaited < GIVEN_UP_AFTER


def _url(number: str, concept: str) -> str:
    return f"https://{sec.DATA_HOST}/api/xbrl/companyconcept/CIK{number}/us-gaap/{concept}.json"


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The lines of each of the largest companies that can hold something new; all of them the first time."""
    day = planning.last_session(as_of)
    for cik in sec.companies(state):
        number = sec.padded(cik)
        leader = state.covered.get(f"{number}/{LEADER}")
        for concept in CONCEPTS:
            series = f"{number}/{concept}"
            mark = state.covered.get(series)
            if _is_due(mark, None if concept == LEADER else leader, day, as_of):
                yield Request(series, _url(number, concept), FIRST_END, day, as_of, whole=mark is None)


def follow_up(frame: pl.DataFrame, request: Request) -> Request | None:
    """The next of the lines that each company has, when this one tells a report of the day: else it waits for a session."""
    number, _, concept = request.series.partition("/")
    newest, n = frame["filed"].max(), CONCEPTS.index(concept) + 1
    assert isinstance(newest, date)
    if request.whole or newest < request.last or n >= len(CONCEPTS) - len(NEED_NOT_BE):
        return None
    return replace(request, series=f"{number}/{CONCEPTS[n]}", url=_url(number, CONCEPTS[n]))


def need_not_be(request: Request) -> bool:
    """Whether the line is one that a company need not have: that EDGAR does not know it is then an answer of nothing."""
    return request.series.partition("/")[2] in NEED_NOT_BE


def known_at(frame: pl.DataFrame) -> pl.Series:
    """17:30 New York of the date the filing bears: what is accepted later bears the next business day's."""
    return calendar.at_new_york(frame["filed"], 17, 30)


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="sec",
        title="Figures of companies' reports, as filed",
        columns=COLUMNS,
        key=("cik", "concept", "unit", "period_start", "period_end", "accession"),
        observed="period_end",
        reach="filed",
        cadence="event",
        versions="all",
        tier="full",
        criticality="optional",
        licence=sec.LICENCE,
        known_at=known_at,
        known_at_kind="published",
        parse=parse,
        requests=requests,
        needs=sec.LISTS,
        hosts=sec.HOSTS,
        needs_contact=True,
        pace_seconds=sec.PACE_SECONDS,
        pace_is_the_vendors=True,
        hole=next_quarter,
        follow_up=follow_up,
        forgotten=need_not_be,
        rules=(
            RowRule("value_not_finite", ~pl.col("value").is_finite(), "a figure must be a finite number"),
            RowRule("period_inverted", pl.col("period_end") < pl.col("period_start"), "a period ends after it starts"),
            RowRule("filed_before_end", pl.col("filed") < pl.col("period_end"), "a period ends before it is reported"),
            RowRule(
                "shares_too_few",
                (pl.col("unit") == "shares") & (pl.col("value") < LEAST_SHARES),
                "a large company has a million shares at least: fewer are counted in thousands or millions",
            ),
        ),
        domain="reference",
    ),
)
