"""Lists of holdings: what is a security, which lists are refused whole, which rows are set aside, when a list was public."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import payloads as p
import polars as pl
import pytest
from payloads import ivv_holdings as listed
from payloads import sector_holdings as narrow
from payloads import spy_holdings as wide

from ingestion import calendar, planning, seeds
from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, ShapeError, Source

SPY, SECTOR, IVV = source("spy_holdings"), source("sector_holdings"), source("ivv_holdings")
R, Q = p.request("WIDE"), p.request("SBRD")


def state(world: str = "sample", **held: pl.DataFrame) -> FetchState:
    return FetchState("full", {name: seeds.of_world(name, world) for name in SPY.seeds}, {}, held)


def test_what_was_written_is_read() -> None:
    frame = SPY.parse(wide.GOOD, R)
    assert frame.height == len(wide.STOCKS) + len(wide.OTHERS)
    assert frame.row(0) == (
        "WIDE", date(2026, 1, 14), "APL.B", "APPLES & SONS CL B", "100000101", "1000001", 7.5, 1_500_000.0, "USD", True,
    )  # fmt: skip
    assert frame["ticker"][2:4].to_list() == ["NA", "TRUE"]
    assert frame.filter("is_equity")["weight"].sum() == pytest.approx(99.5)


def test_cash_claims_and_rights_are_no_securities() -> None:
    others = SPY.parse(wide.GOOD, R).filter(~pl.col("is_equity"))
    assert others["name"].to_list() == [line[0] for line in wide.OTHERS]
    assert others["sedol"].to_list() == [None, None, "BP00000"]


def test_a_list_is_known_at_nine_of_the_next_session() -> None:
    friday = SPY.parse(wide.listed(told="As of 09-Jan-2026"), R)
    assert set(SPY.known_at(friday)) == {datetime(2026, 1, 12, 14, tzinfo=UTC)}


def test_columns_may_move_and_be_added() -> None:
    moved = [[9.0, *line[::-1]] for line in (*wide.STOCKS, *wide.OTHERS)]
    found = SPY.parse(wide.listed(moved, header=("New", *wide.HEADER[::-1])), R)
    assert found.equals(SPY.parse(wide.GOOD, R))


def lines(change: dict[int, Sequence[object]]) -> list[wide.Line]:
    """All lines, with some cells (position of the line: (position of the cell, value)) changed."""
    held = [list(line) for line in (*wide.STOCKS, *wide.OTHERS)]
    for n, (at, value) in change.items():
        held[n][int(str(at))] = value  # type: ignore[call-overload]
    return [tuple(line) for line in held]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "must be a workbook"),
        (p.HTML, "must be a workbook"),
        (wide.GOOD[:-40], "must be readable"),
        (wide.listed(fund="SLIM"), "row 2 must hold the ticker WIDE"),
        (wide.listed(sheet="navhist"), "a sheet 'holdings'"),
        (wide.listed(told="As of 2026-01-14"), "as_of_date must be a date"),
        (wide.listed(told="As of 16-Jan-2026"), "must not be of a day after 2026-01-15"),
        (wide.listed(header=("Name", "Ticker", "Identifier", "SEDOL", "Share", "Sector", "Shares Held", "Local Currency")), "columns"),
        (wide.listed(below=()), "small print must follow"),
        (wide.listed([*wide.STOCKS[:3], (), *wide.STOCKS[3:]]), "without a gap"),
        (wide.listed(lines({0: (4, "much")})), "must be of the declared shape"),
        (wide.listed(wide.STOCKS[:15]), "at least 20 securities"),
        (wide.listed([line for line in wide.STOCKS if line[4] != 7.5]), "must sum to 95 to 105 percent"),
        (wide.listed([*wide.STOCKS, wide.STOCKS[1]]), "must stand once"),
        (wide.listed(lines({1: (1, "APL.B")})), r"must stand once \(ticker\)"),
        (wide.listed(lines({1: (2, "100000101")})), r"must stand once \(cusip\)"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_for_the_reason_it_names(body: bytes, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        SPY.parse(body, R)


def test_a_list_without_lines_is_empty() -> None:
    with pytest.raises(EmptyAnswer):
        SPY.parse(wide.listed([]), R)


def test_a_sector_fund_may_be_small_and_the_broad_fund_may_not() -> None:
    request = replace(R, series="XSEC")
    assert SECTOR.parse(narrow.GOOD, request).filter("is_equity").height == 6
    with pytest.raises(ShapeError, match="at least 20"):
        SPY.parse(narrow.GOOD, request)


@pytest.mark.parametrize("one", [SPY, SECTOR, IVV], ids=lambda s: s.dataset)
def test_rows_are_set_aside(one: Source) -> None:
    bad = pl.DataFrame(
        {
            "is_equity": [True, True, True, True, True, False, False],
            "weight": [1.0, -1.0, None, float("nan"), 1.0, -1.0, None],
            "shares_held": [1.0, 1.0, 1.0, 1.0, 0.0, -1.0, None],
        }
    )
    rules = [rule for rule in one.rules if rule.name in ("weight_not_a_share", "shares_not_positive")]
    caught = [bad.select(rule.bad.fill_null(False)).to_series().to_list() for rule in rules]
    assert caught == [[False, True, True, True, False, False, False], [False, False, False, False, True, False, False]]


def test_which_funds_are_asked_and_that_a_session_is_asked_once() -> None:
    assert [r.series for r in SPY.requests(state(), p.ASKED)] == ["SLRG"]  # type: ignore[misc]
    assert [r.series for r in SPY.requests(state("real"), p.ASKED)] == ["SPY"]  # type: ignore[misc]
    sectors = list(SECTOR.requests(state("real"), p.ASKED))  # type: ignore[misc]
    assert len(sectors) == 11
    assert sectors[0].url.endswith("/holdings-daily-us-en-xlb.xlsx")
    assert (sectors[0].first, sectors[0].last) == (date(2026, 1, 15), date(2026, 1, 15))
    mark = Covered(date(2026, 1, 15), date(2026, 1, 15), p.ASKED)
    asked = replace(state(), covered={"SLRG": mark})
    assert list(SPY.requests(asked, p.ASKED)) == []  # type: ignore[misc]
    assert [r.last for r in SPY.requests(asked, calendar.snapshot_at(date(2026, 1, 16)))] == [date(2026, 1, 16)]  # type: ignore[misc]


def test_the_csv_list_is_read_with_its_sectors() -> None:
    frame = IVV.parse(listed.GOOD, Q)
    assert frame.height == len(listed.STOCKS) + len(listed.OTHERS)
    assert frame.row(0) == (
        "SBRD", date(2026, 1, 14), "BRKB", "BRKB & SONS", "Financials", "Equity", 72_000.0, 7.2, 240.0, 300.0, "NYSE", "USD", True,
    )  # fmt: skip
    assert frame.filter(~pl.col("is_equity"))["name"].to_list() == [line[1] for line in listed.OTHERS]
    assert set(IVV.known_at(frame)) == {datetime(2026, 1, 15, 14, tzinfo=UTC)}


def test_the_column_of_shares_has_two_names() -> None:
    renamed = listed.listed(header=listed.HEADER.replace("Shares", "Quantity"))
    assert IVV.parse(renamed, Q).equals(IVV.parse(listed.GOOD, Q))


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "must not be empty"),
        (p.HTML, "not markup"),
        (listed.listed(fund="Sample Technology ETF"), "must name the fund asked for"),
        (listed.listed(told="01/14/2026"), "as_of_date must be a date"),
        (listed.listed(told="Jan 16, 2026"), "must not be of a day after"),
        (listed.listed(header=listed.HEADER.replace("Weight (%)", "Weight")), "must be present once"),
        (listed.listed(header=listed.HEADER.replace("Shares", "Units")), "must be present once"),
        (listed.listed(header=listed.HEADER.replace("Notional Value", "Quantity")), "must be present once"),
        (listed.listed(below=""), "the file was cut"),
        (listed.GOOD[: listed.GOOD.index(b"Terms") - 4], "the file was cut"),
        (listed.GOOD[:1800], "the file was cut"),
        (listed.listed(listed.STOCKS[:12]), "at least 20"),
        (listed.listed(listed.STOCKS[1:]), "must sum to 95 to 105"),
        (listed.listed([*listed.STOCKS, listed.stock("NA", 0.1, name="ANOTHER")]), r"must stand once \(ticker\)"),
    ],
)  # fmt: skip
def test_any_other_csv_is_refused_for_the_reason_it_names(body: bytes, rule: str) -> None:
    with pytest.raises(ShapeError, match=rule):
        IVV.parse(body, Q)


def test_a_fund_without_a_name_in_the_seed_is_refused() -> None:
    with pytest.raises(ShapeError, match="must have a name to be checked by"):
        IVV.parse(listed.GOOD, p.request("SPY"))


def test_the_value_of_a_line_is_shares_times_price() -> None:
    odd = [
        ("ABA", "ODD & SONS", "Financials", "Equity", 40.0, 4.0, 2000.0, 20.0, "NYSE"),
        *listed.STOCKS[:2],
        *listed.STOCKS[3:],
    ]
    frame = IVV.parse(listed.listed(odd), Q)
    (rule,) = [one for one in IVV.rules if one.name == "value_is_not_shares_times_price"]
    assert frame.filter(rule.bad)["name"].to_list() == ["ODD & SONS"]


def test_the_address_names_product_and_fund_in_words() -> None:
    (real,) = IVV.requests(state("real"), p.ASKED)  # type: ignore[misc]
    path = "https://www.ishares.com/us/products/239726/ishares-core-sp-500-etf/1467271812596.ajax"
    assert (real.series, real.url) == ("IVV", f"{path}?fileType=csv&fileName=IVV_holdings&dataType=fund")


HELD = pl.DataFrame(
    {
        "ticker": ["-", "AAA", "BRK.B", "CCC"],
        "weight": [50.0, 2.0, 3.0, 3.0],
        "is_equity": [False, True, True, True],
    }
)
MEMBERS = pl.DataFrame({"symbol": ["ZZZ", "BRK-B", "AAA"]})


def test_the_largest_are_those_of_the_broad_fund_in_yahoos_spelling() -> None:
    both = state(spy_holdings=HELD, ivv_holdings=HELD.with_columns(ticker=pl.lit("QQQ")), sp500_constituents=MEMBERS)
    assert planning.largest(both, 2) == ["BRK-B", "CCC"]  # of equal weights the first by ticker
    assert planning.largest(both, 9) == ["BRK-B", "CCC", "AAA"]


def test_without_the_first_list_the_largest_come_from_the_next() -> None:
    other = HELD.with_columns(weight=pl.Series([0.1, 9.0, 3.0, 1.0]))
    assert planning.largest(state(ivv_holdings=other, sp500_constituents=MEMBERS), 2) == ["AAA", "BRK-B"]
    assert planning.largest(state(sp500_constituents=MEMBERS), 2) == ["ZZZ", "BRK-B"]
    assert planning.largest(state(), 2) == []
