"""EDGAR: whose answer it is, what is read of it, when it was known, and what is asked when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import payloads as p
import polars as pl
import pytest
from payloads.sec_company_tickers import BODIES as LISTS
from payloads.sec_company_tickers import tickers
from payloads.sec_companyconcept import BODIES as FACTS
from payloads.sec_companyconcept import (
    NINE_MONTHS,
    OLD,
    QUARTER,
    YEAR_BEFORE,
    concept,
    fact,
)
from payloads.sec_submissions import AMENDED, OTHERS, REPORT, RESULTS, filings

from ingestion import planning
from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, NoSuchSeries, Request, ShapeError
from ingestion.sources import sec, sec_facts

CIK = "0000900001"
INCOME = p.request(f"{CIK}/NetIncomeLoss")
NOT_FOUND = FACTS[-1]


def broken(dataset: str, frame: pl.DataFrame) -> dict[str, int]:
    return {r.name: n for r in source(dataset).rules if (n := frame.filter(r.bad.fill_null(False)).height)}


# --- the list of tickers ---


def test_the_list_of_companies() -> None:
    frame = sec.parse_tickers(LISTS[0], p.request("tickers"))
    assert frame.select("cik", "ticker").rows() == [(900001, "ABC"), (900002, "XYZ-A"), (900002, "XYZ-B")]
    assert set(frame["listed_on"]) == {date(2026, 1, 15)}  # 20:00 New York, already the 16th in UTC
    assert sec.tickers_known_at(frame).null_count() == frame.height
    for body, says in ((LISTS[1], "must be JSON"), (tickers(("900001", "ABC", "x")), "cik_str must be a whole number")):
        with pytest.raises(ShapeError, match=says):
            sec.parse_tickers(body, p.request("tickers"))
    with pytest.raises(EmptyAnswer):
        sec.parse_tickers(LISTS[2], p.request("tickers"))


def test_the_list_is_asked_once_a_month() -> None:
    def asked(last: date | None) -> int:
        covered = {} if last is None else {"tickers": Covered(last, last, p.ASKED)}
        return len(list(sec.ticker_requests(FetchState("full", covered=covered), p.ASKED)))

    assert [asked(day) for day in (None, date(2025, 12, 31), date(2026, 1, 2), date(2026, 1, 15))] == [1, 1, 0, 0]


# --- filings ---


def read(body: bytes, series: str = CIK) -> pl.DataFrame:
    return sec.parse_submissions(body, p.request(series))


def test_reports_and_announcements_of_results_are_taken_and_nothing_else() -> None:
    frame = read(filings(REPORT, RESULTS, *OTHERS, AMENDED))
    assert frame["form"].to_list() == ["10-Q", "8-K", "10-K/A"]
    row = frame.row(0, named=True)
    assert row["accepted_at"] == datetime(2025, 10, 31, 21, 45, 10, tzinfo=UTC) and row["items"] is None
    assert (row["filing_date"], row["report_date"]) == (date(2025, 11, 3), date(2025, 9, 30))
    assert frame["items"].to_list() == [None, "2.02,9.01", None] and frame["primary_document"][1] is None
    assert broken("sec_submissions", frame) == {}


def test_a_filing_is_known_when_it_is_accepted_and_after_half_past_five_the_next_morning() -> None:
    known = sec.submissions_known_at(read(filings(REPORT, RESULTS))).to_list()
    assert known[1] == datetime(2025, 10, 30, 20, 5, 1, tzinfo=UTC)
    assert known[0] == datetime(2025, 11, 3, 11, 0, tzinfo=UTC)  # accepted on Friday at 17:45, shown on Monday at 6:00


@pytest.mark.parametrize("cik", ["900001", "0000900001", 900001])
def test_the_company_is_named_with_or_without_zeros(cik: Any) -> None:
    assert read(filings(REPORT, cik=cik))["cik"].to_list() == [900001]


@pytest.mark.parametrize(
    "cik", ["0000900002", 900002, None, True, "", "\uff19\uff10\uff10\uff10\uff10\uff11", "-900001"]
)
def test_another_company_is_refused(cik: Any) -> None:
    with pytest.raises(ShapeError, match="cik must be 900001, the company asked for"):
        read(filings(REPORT, cik=cik))
    with pytest.raises(ShapeError, match="cik must be 900001, the company asked for"):
        sec_facts.parse(concept(QUARTER, cik=cik), INCOME)


@pytest.mark.parametrize(
    ("lists", "says"),
    [
        ({"form": ["10-Q"]}, "must be equally long"),
        ({"items": None}, r"must hold lists \['items'\]"),
        ({"filingDate": "2025-11-03"}, r"must hold lists \['filingDate'\]"),
        ({"acceptanceDateTime": ["2025-10-31T17:45:10", "2025-10-30T20:05:01.000Z"]}, "must say its time zone"),
        ({"filingDate": ["11/03/2025", "2025-10-30"]}, "filing_date must be a date"),
        ({"reportDate": ["2025-09-31", ""]}, "declared shape"),
    ],
)
def test_filings_in_another_shape_are_refused(lists: dict[str, Any], says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        read(filings(REPORT, RESULTS, **lists))


def test_no_report_is_nothing_and_no_such_company_is_unknown() -> None:
    for body in (filings(), filings(*OTHERS)):
        with pytest.raises(EmptyAnswer):
            read(body)
    for parse, asked in ((sec.parse_submissions, p.request(CIK)), (sec_facts.parse, INCOME)):
        with pytest.raises(NoSuchSeries, match="NoSuchKey"):
            parse(NOT_FOUND, asked)


def test_filings_whose_dates_contradict_each_other_are_set_aside() -> None:
    late = (*REPORT[:1], "2025-11-20", *REPORT[2:])
    early = (*REPORT[:1], "2025-10-30", *REPORT[2:])
    of_the_future = (*REPORT[:2], "2025-12-31", *REPORT[3:])
    unnumbered = ("0000900001-25-31", *REPORT[1:])
    assert broken("sec_submissions", read(filings(late, early))) == {"filing_date_apart": 2}
    assert broken("sec_submissions", read(filings(of_the_future))) == {"report_after_filing": 1}
    assert broken("sec_submissions", read(filings(unnumbered))) == {"accession_not_allowed": 1}


# --- figures ---


def test_figures_of_a_line() -> None:
    frame = sec_facts.parse(FACTS[0], INCOME)
    told = frame.select("period_start", "period_end", "value", "filed", "accession").rows()
    assert told == [
        (date(2024, 7, 1), date(2024, 9, 30), 1000.0, date(2024, 11, 1), "0000900001-24-000029"),
        (date(2024, 7, 1), date(2024, 9, 30), -5.0, date(2025, 11, 3), "0000900001-25-000031"),
        (date(2025, 1, 1), date(2025, 9, 30), 3.5e9, date(2025, 11, 3), "0000900001-25-000031"),
        (date(2025, 7, 1), date(2025, 9, 30), 1.2e9, date(2025, 11, 3), "0000900001-25-000031"),
    ]
    assert set(frame["unit"]) == {"USD"} and set(frame["cik"]) == {900001}
    # 17:30 New York of the date it bears, in summer and in winter
    summer = sec_facts.parse(concept(fact("2025-04-01", "2025-06-30", 1, "25-1", "2025-08-01")), INCOME)
    assert sec_facts.known_at(frame)[3] == datetime(2025, 11, 3, 22, 30, tzinfo=UTC)
    assert sec_facts.known_at(summer)[0] == datetime(2025, 8, 1, 21, 30, tzinfo=UTC)
    assert broken("sec_companyconcept", frame) == {}


def test_a_figure_told_twice_in_a_filing_is_one_row_and_two_figures_stay_two() -> None:
    again = {**QUARTER, "frame": None}
    assert sec_facts.parse(concept(QUARTER, again), INCOME).height == 1
    other = {**QUARTER, "val": 1}
    assert sec_facts.parse(concept(QUARTER, other, again), INCOME)["value"].to_list() == [1.2e9, 1.0]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (concept(QUARTER, {**NINE_MONTHS, "filed": None}), "each fact must say when and in which filing"),
        (concept({k: v for k, v in QUARTER.items() if k != "accn"}), "each fact must say when and in which filing"),
        (concept(QUARTER, tag="ProfitLoss"), "tag must be NetIncomeLoss of us-gaap"),
        (concept({**QUARTER, "val": "1200000000"}), "val must be a number"),
        (concept({**QUARTER, "val": False}), "val must be a number"),
        (concept({**QUARTER, "val": None}), "val must be a number"),
        (concept({**QUARTER, "filed": "2025-11-31"}), "declared shape"),
        (b'{"cik":900001,"taxonomy":"us-gaap","tag":"NetIncomeLoss","units":{"USD":{}}}', "each unit must hold a list"),
        (p.HTML, "must be JSON"),
        (p.NOTE, "cik must be 900001"),
    ],
)
def test_figures_in_another_shape_are_refused(body: bytes, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        sec_facts.parse(body, INCOME)


def test_old_figures_other_units_and_moments_are_nothing() -> None:
    moment = {**QUARTER, "start": None}
    for body in (concept(OLD), concept(QUARTER, unit="EUR"), concept(moment), concept()):
        with pytest.raises(EmptyAnswer):
            sec_facts.parse(body, INCOME)


def test_impossible_figures_are_set_aside() -> None:
    early = {**QUARTER, "filed": "2025-09-29"}
    inverted = {**QUARTER, "start": "2025-10-01", "accn": "0000900001-25-000032"}
    assert broken("sec_companyconcept", sec_facts.parse(concept(early, inverted), INCOME)) == {
        "filed_before_end": 1, "period_inverted": 1,
    }  # fmt: skip
    shares = sec_facts.parse(concept(YEAR_BEFORE, unit="shares"), INCOME)
    assert broken("sec_companyconcept", shares) == {"shares_too_few": 1}


# --- which companies, and when ---


def members(*rows: tuple[str, int | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, {"symbol": pl.String, "cik": pl.Int64}, orient="row")


def test_companies_are_those_of_the_largest_members_once_each() -> None:
    listed = pl.DataFrame({"ticker": ["ABC", "NEW"], "cik": [1, 900009]})
    frames = {
        "sp500_constituents": members(
            ("XYZ-A", 900002), ("ABC", 900001), ("XYZ-B", 900002), ("NEW", None), ("NIL", None)
        )
    }
    state = FetchState("full", frames={**frames, "sec_company_tickers": listed})
    assert sec.companies(state) == [900002, 900001, 900009]  # a member's number is that of the list of members
    assert sec.companies(FetchState("full", frames=frames)) == [900002, 900001]
    assert sec.companies(state, 1) == [900002] and sec.companies(FetchState("full")) == []


def test_filings_are_asked_twice_a_week() -> None:
    frames = {"sp500_constituents": members(("ABC", 900001))}

    def asked(days_ago: int | None, **more: Any) -> list[Request]:
        last = date(2026, 1, 15) - timedelta(days_ago or 0)
        covered = {} if days_ago is None else {CIK: Covered(last, last, p.ASKED - timedelta(days_ago or 0), **more)}
        return list(sec.submission_requests(FetchState("full", covered=covered, frames=frames), p.ASKED))

    assert [len(asked(n)) for n in (None, 0, 2, 3, 4)] == [1, 0, 0, 1, 1]
    assert asked(None)[0].url == f"https://data.sec.gov/submissions/CIK{CIK}.json"
    assert not asked(3, outcome="missing", nothings=5), "one that is not known is asked less and less often"


Marks = dict[str, Covered]


def mark(last: date, hole: date | None = None, since: date | None = None, **more: Any) -> Covered:
    evening = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1, hours=1, minutes=5)
    seen = None if since is None else datetime(since.year, since.month, since.day, tzinfo=UTC) + timedelta(1, 3900)
    return Covered(sec_facts.FIRST_END, last, evening, hole=hole, hole_since=seen, **more)


def asked_of(marks: Marks) -> list[str]:
    state = FetchState(
        "full",
        covered={f"{CIK}/{name}": one for name, one in marks.items()},
        frames={"sp500_constituents": members(("ABC", 900001))},
    )
    return [one.series.partition("/")[2] for one in sec_facts.requests(state, p.ASKED)]


def test_an_answer_says_when_the_next_quarter_ends() -> None:
    frame = sec_facts.parse(FACTS[0], INCOME)
    assert sec_facts.next_quarter(frame, INCOME) == date(2025, 12, 30)
    assert source("sec_companyconcept").hole is sec_facts.next_quarter


def test_all_lines_are_asked_the_first_time_and_of_the_leader_again_when_a_report_can_have_come() -> None:
    assert asked_of({}) == list(sec_facts.CONCEPTS)
    leader, yesterday = sec_facts.LEADER, date(2026, 1, 14)

    def others(last: date, hole: date) -> Marks:
        return {name: mark(last, hole, last) for name in sec_facts.CONCEPTS if name != leader}

    for awaited, is_asked in ((2, False), (1, True)):  # two weeks after the end of the quarter, and the day before that
        hole = date(2026, 1, awaited)
        marks = {leader: mark(yesterday, hole, date(2025, 11, 3)), **others(date(2025, 11, 3), hole)}
        assert asked_of(marks) == ([leader] if is_asked else []), awaited
    for days, is_asked in ((99, True), (100, False)):  # then it is given up, and asked each quarter of a year
        hole = date(2026, 1, 15) - timedelta(days)
        marks = {leader: mark(yesterday, hole, date(2025, 11, 3)), **others(date(2025, 11, 3), hole)}
        assert asked_of(marks) == ([leader] if is_asked else []), days
    old = {
        leader: mark(date(2025, 10, 16), date(2024, 1, 1), date(2023, 11, 3)),
        **others(date(2025, 11, 3), date(2024, 1, 1)),
    }
    assert asked_of(old) == [leader]
    assert (
        asked_of({**old, leader: mark(date(2026, 1, 15), date(2025, 12, 30), date(2025, 11, 3))}) == []
    )  # this evening


def test_the_other_lines_follow_once_the_leader_has_told_a_new_quarter() -> None:
    leader, told = sec_facts.LEADER, date(2026, 1, 15)
    marks = {name: mark(date(2025, 11, 3), date(2025, 12, 30), date(2025, 11, 3)) for name in sec_facts.CONCEPTS}
    marks[leader] = mark(told, date(2026, 3, 31), told)
    assert asked_of(marks) == list(sec_facts.CONCEPTS[1:])
    issuance = "ProceedsFromIssuanceOfCommonStock"  # it has not told the quarter, and need not
    marks |= {name: mark(told, date(2026, 3, 31), told) for name in sec_facts.CONCEPTS[1:] if name != issuance}
    marks[issuance] = mark(told, date(2019, 12, 30), date(2019, 11, 3))
    assert asked_of(marks) == []
    marks[issuance] = Covered(told, date(2025, 11, 3), p.ASKED - timedelta(73), "empty", nothings=7)
    assert asked_of(marks) == [], "a line the company does not have is asked less and less often"


def test_the_lines_each_company_has_follow_the_same_evening() -> None:
    today = concept(QUARTER, fact("2025-10-01", "2025-12-31", 5, "26-000002", "2026-01-15"))
    asked = Request(f"{CIK}/{sec_facts.LEADER}", "x", sec_facts.FIRST_END, date(2026, 1, 15), p.ASKED)
    chain: list[str] = []
    following: Request | None = asked
    while following is not None:
        chain.append(following.series.partition("/")[2])
        frame = sec_facts.parse(today.replace(b"NetIncomeLoss", chain[-1].encode()), following)
        following = sec_facts.follow_up(frame, following)
        assert following is None or following.url.endswith(f"CIK{CIK}/us-gaap/{following.series[11:]}.json")
    assert chain == list(sec_facts.CONCEPTS[:3])
    assert sec_facts.follow_up(frame.filter(pl.col("filed") < date(2026, 1, 15)), asked) is None  # nothing new
    assert sec_facts.follow_up(frame, replace(asked, whole=True)) is None  # all lines are asked anyway


def test_a_line_stands_alone_where_the_company_has_no_leader() -> None:
    marks = {name: mark(date(2026, 1, 14), date(2025, 12, 30), date(2025, 11, 3)) for name in sec_facts.CONCEPTS[1:]}
    marks[sec_facts.LEADER] = Covered(
        date(2026, 1, 14), date(2026, 1, 14), p.ASKED - timedelta(1), "missing", nothings=7
    )
    assert asked_of(marks) == list(sec_facts.CONCEPTS[1:])


def test_a_line_that_a_company_need_not_have_is_properly_nothing() -> None:
    declared = source("sec_companyconcept")
    assert declared.forgotten is not None
    said = {name: declared.forgotten(p.request(f"{CIK}/{name}")) for name in sec_facts.CONCEPTS}
    assert [name for name, is_nothing in said.items() if not is_nothing] == list(sec_facts.CONCEPTS[:3])


def test_every_dataset_of_the_sec_wants_a_contact_and_shares_its_pace() -> None:
    for dataset in ("sec_company_tickers", "sec_submissions", "sec_companyconcept"):
        declared = source(dataset)
        assert declared.needs_contact and declared.pace_is_the_vendors and declared.vendor == "sec"
        assert 1 / declared.pace_seconds < 10
    assert planning.largest(FetchState("full"), 3) == []
