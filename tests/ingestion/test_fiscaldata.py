"""Daily Treasury Statements: what is summed and told apart, which answers are refused, when they are asked for."""

from datetime import UTC, date, datetime, timedelta

import payloads as p
import polars as pl
import pytest
from payloads import fiscal_dts as dts

from ingestion import calendar
from ingestion.fetch import ask
from ingestion.http import Client
from ingestion.registry import source
from ingestion.sample.transport import SAMPLE_NOW, SampleTransport
from ingestion.source import Covered, EmptyAnswer, FetchState, Request, ShapeError
from ingestion.transport import Vendors

DTS = source("fiscal_dts")
R = p.request(dts.SERIES)
M = 1e6


def asked(as_of: datetime, covered: dict[str, Covered] | None = None) -> list[Request]:
    assert DTS.requests is not None
    return list(DTS.requests(FetchState("core", {}, covered or {}), as_of))


def moment(day: date, hour: int = 20) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=calendar.NEW_YORK).astimezone(UTC)


def test_lines_become_sums_and_debt_is_told_apart() -> None:
    frame = DTS.parse(dts.GOOD, R)
    assert frame.rows() == [
        ("debt_issues", date(2026, 1, 5), 58_000 * M, 58_000 * M, 1),
        ("debt_redemptions", date(2026, 1, 5), 60_000 * M, 60_000 * M, 1),
        ("deposits", date(2026, 1, 5), 80_000 * M, 80_001 * M, 3),
        ("withdrawals", date(2026, 1, 5), 95_000 * M, 95_000 * M, 2),
        ("debt_issues", date(2026, 1, 6), 0.0, 0.0, 1),
        ("debt_redemptions", date(2026, 1, 6), 3 * M, 3 * M, 1),
        ("deposits", date(2026, 1, 6), -5 * M, -5 * M, 2),
        ("withdrawals", date(2026, 1, 6), 11 * M, 10 * M, 2),
    ]
    assert DTS.parse(dts.BODIES[1], R).equals(frame)
    assert not frame.filter(pl.any_horizontal(rule.bad.fill_null(value=False) for rule in DTS.rules)).height


def test_a_lost_line_contradicts_the_vendors_total() -> None:
    frame = DTS.parse(dts.told(dts.ROWS[1:]), R)
    rule = next(rule for rule in DTS.rules if rule.name == "sum_contradicts_total")
    assert frame.filter(rule.bad.fill_null(value=False)).select("item", "observed_on").rows() == [
        ("deposits", date(2026, 1, 5))
    ]


def test_the_closing_balance_stands_where_the_vendor_wrote_it_then() -> None:
    assert DTS.parse(dts.CASH, p.request(dts.CASH_SERIES)).select("item", "observed_on", "amount_usd").rows() == [
        ("closing", date(2021, 10, 4), 90 * M), ("opening", date(2021, 10, 4), 100 * M),
        ("closing", date(2021, 10, 5), 95 * M), ("opening", date(2021, 10, 5), 90 * M),
        ("closing", date(2022, 4, 18), 785_000 * M), ("opening", date(2022, 4, 18), 800_000 * M),
    ]  # fmt: skip


def test_a_day_without_a_line_of_debt_has_no_figure_for_it_and_never_zero() -> None:
    frame = DTS.parse(dts.told(dts.ROWS[:6]), R)
    assert frame["item"].to_list() == ["deposits"]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "must not be empty"),
        (p.HTML, "must be JSON"),
        (b'{"error":"Invalid Query Param","message":"no"}', "must hold 'data'"),
        (dts.GOOD[:-20], "declared shape"),
        (dts.told(dts.ROWS, next="&page%5Bnumber%5D=2"), "must be one page"),
        (dts.told([1]), "a line must be an object"),
        (dts.told([{k: v for k, v in r.items() if k != "transaction_catg"} for r in dts.ROWS]), "must be present"),
        (dts.told([{**dts.ROWS[0], "transaction_today_amt": 5}]), "must be a text"),
        (dts.told([dts.line("2026-01-05", "Deposits", "Customs", "1,000")]), "must be whole millions"),
        (dts.told([dts.line("2025-12-31", "Deposits", "Customs", "1")]), "must be of the days asked"),
        (dts.told([dts.line("2026-02-02", "Deposits", "Customs", "1")]), "must be of the days asked"),
        (dts.told([dts.line("2026-01-05", "Transfers", "Customs", "1")]), "must be one of"),
        (dts.told([dts.line("2026-01-05", "Deposits", "Public Debt Noncash Issues", "1")]), "lines of debt must be"),
    ],
)
def test_anything_else_is_refused_for_the_reason_it_names(body: bytes, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        DTS.parse(body, R)


def test_balances_without_the_treasurys_account_are_refused() -> None:
    with pytest.raises(ShapeError, match="the Treasury's account must be present"):
        DTS.parse(dts.told([dts.balance("2021-10-04", "Another Account", "1", "1")]), p.request(dts.CASH_SERIES))


def test_no_lines_are_nothing() -> None:
    with pytest.raises(EmptyAnswer):
        DTS.parse(dts.told([]), R)


def test_a_statement_is_out_on_the_next_working_day() -> None:
    days = [date(2026, 1, 15), date(2026, 1, 16), date(2025, 12, 23), date(2025, 10, 10)]
    found = [at.astimezone(calendar.NEW_YORK) for at in DTS.known_at(pl.DataFrame({"observed_on": days}))]
    # Martin Luther King's day; offices shut by order around Christmas, so it may count late; Columbus Day
    assert [(at.date(), at.hour) for at in found] == [
        (date(2026, 1, 16), 16), (date(2026, 1, 20), 16), (date(2025, 12, 29), 16), (date(2025, 10, 14), 16),
    ]  # fmt: skip


def test_the_running_month_and_year_are_asked_each_session_and_the_others_until_settled() -> None:
    day = date(2026, 1, 15)
    first = asked(moment(day))
    assert len(first) == 14 + 160
    covered = {r.series: Covered(r.first, r.last, moment(day)) for r in first}
    assert asked(moment(day, 21), covered) == []
    after = asked(moment(date(2026, 1, 16)), covered)
    assert [(r.series, r.last) for r in after] == [
        ("cash/2025-10", date(2026, 1, 15)),
        ("flows/2026-01", date(2026, 1, 15)),
    ]
    told = asked(moment(date(2026, 2, 2)), covered)
    assert [r.series for r in told] == ["cash/2025-10", "flows/2026-01"], "no statement of February is due yet"
    later = asked(moment(date(2026, 2, 3)), covered)
    assert [r.series for r in later] == ["cash/2025-10", "flows/2026-01", "flows/2026-02"]


def test_a_statement_that_is_late_is_a_hole_and_asked_again() -> None:
    assert DTS.hole is not None
    frame = DTS.parse(dts.GOOD, R)
    late = Request(dts.SERIES, "", date(2026, 1, 1), date(2026, 1, 8), p.ASKED)
    assert DTS.hole(frame, late) == date(2026, 1, 8)
    assert DTS.hole(frame, Request(dts.SERIES, "", date(2026, 1, 1), date(2026, 1, 6), p.ASKED)) is None


def test_what_is_made_up_adds_up_and_the_identity_holds() -> None:
    """Deficit = net borrowing less the rise of the balance, on every day of two months, in both ways of writing."""

    def now() -> datetime:
        return SAMPLE_NOW

    def answer(series: str, client: Client) -> pl.DataFrame:
        question = next(r for r in asked(SAMPLE_NOW) if r.series == series)
        frame = ask(client, DTS, question, now).frame
        assert frame is not None
        return frame

    with Client(Vendors("sample"), now, transport=SampleTransport(SAMPLE_NOW, ())) as client:
        found = [
            answer(series, client) for series in ("cash/2021-10", "flows/2022-04", "cash/2025-10", "flows/2026-01")
        ]
    days = pl.concat(found).pivot("item", index="observed_on", values="amount_usd").drop_nulls().sort("observed_on")
    assert days.height > 25
    c = pl.col
    deficit = (c("withdrawals") - c("debt_redemptions")) - (c("deposits") - c("debt_issues"))
    borrowed = c("debt_issues") - c("debt_redemptions") - (c("closing") - c("opening"))
    assert days.select((deficit - borrowed).abs().max()).item() == 0
    assert days["observed_on"].max() == SAMPLE_NOW.date() - timedelta(2)
