"""iShares: two byte-order marks, bare ampersands, missing marks; a cut or foreign workbook is refused."""

from datetime import UTC, date, datetime

import payloads as p
import pytest

from ingestion.source import EmptyAnswer, ShapeError
from ingestion.sources import ishares

R = p.request("900001")


def test_history_is_read_from_its_sheet() -> None:
    frame = ishares.parse(p.GOOD_FUND, R)
    assert frame.rows() == [
        ("900001", date(2026, 1, 14), 400.865096, 1.5, 706_500_000.0),
        ("900001", date(2026, 1, 15), 394.279541, None, 707_900_000.0),
    ]
    assert ishares.known_at(frame).to_list() == [
        datetime(2026, 1, 15, 14, tzinfo=UTC),
        datetime(2026, 1, 16, 14, tzinfo=UTC),
    ]


def test_thousands_commas_and_missing_marks() -> None:
    body = p.ishares([("Jan 15, 2026", "1,394.25", "-", "707,900,000"), ("Jan 14, 2026", "--", "--", "--")])
    frame = ishares.parse(body, R)
    assert frame["nav"].to_list() == [None, 1394.25]
    assert frame["shares_outstanding"].to_list() == [None, 707_900_000.0]
    nav, shares = ishares.SOURCES[0].rules
    assert frame.select(nav.bad).to_series().to_list() == [True, False]
    assert not frame.select(shares.bad.fill_null(False)).to_series().any()


def test_columns_may_move() -> None:
    header = ("NAV per Share", "As Of", "Shares Outstanding", "New", "Ex-Dividends")
    frame = ishares.parse(p.ishares([(1.5, "Jan 15, 2026", 3, "x", "--")], header), R)
    assert frame.rows() == [("900001", date(2026, 1, 15), 1.5, None, 3.0)]


def test_no_rows_is_empty() -> None:
    with pytest.raises(EmptyAnswer):
        ishares.parse(p.ishares([]), R)
    with pytest.raises(EmptyAnswer):
        ishares.parse(p.GOOD_FUND, p.request("900001", datetime(2026, 1, 10, tzinfo=UTC)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        p.HTML,
        p.NOTE,
        p.GOOD_FUND[:-30],
        p.GOOD_FUND[: len(p.GOOD_FUND) // 2],
        p.GOOD_FUND.replace(b"Historical", b"History"),
        p.GOOD_FUND.replace(b"NAV per Share", b"NAV"),
        p.GOOD_FUND.replace(b"Jan 15, 2026", b"15-Jan-2026"),
        p.GOOD_FUND.replace(b"394.279541", b"394.27x"),
        p.GOOD_FUND.replace(b'<ss:Cell ss:StyleID="Left">', b'<ss:Cell ss:Index="4">'),
        p.ishares([("Jan 15, 2026", 1.0, "--")]),
        p.GOOD_FUND.replace(b"\n<ss:Workbook", b'\n<!DOCTYPE x [<!ENTITY e "boom">]>\n<ss:Workbook'),
    ],
)
def test_what_is_not_the_workbook_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError):
        ishares.parse(body, R)


def test_a_large_history_is_read_whole() -> None:
    rows: list[tuple[str | float, ...]] = [
        (f"Jan {1 + n % 15:02d}, {2026 - n // 15 % 20}", 100.0 + n, "--", 1e6) for n in range(300)
    ]
    assert ishares.parse(p.ishares(rows), R).height == 300


def test_each_fund_asked_for_has_a_name_to_be_checked_by() -> None:
    assert all(ishares.fund_names().values()) and len(ishares.fund_names()) >= 8


@pytest.mark.parametrize(
    ("product", "name"),
    [
        ("239726", "iShares Core S&P 500 ETF"),
        ("239726", "iShares Core S&amp;P 500 ETF"),
        ("239726", "ISHARES CORE S&P 500  ETF"),
        ("333011", "iShares Bitcoin Trust"),
        ("239458", "iShares Core US Aggregate Bond ETF"),
    ],
)
def test_the_fund_asked_for_is_known_by_its_name(product: str, name: str) -> None:
    body = p.ishares([("Jan 15, 2026", 244.1, "--", "290,000,000")], name=name)
    assert ishares.parse(body, p.request(product))["product_id"].to_list() == [product]


@pytest.mark.parametrize(
    "name",
    [
        "Some Small Company ETF",
        "iShares Russell 2000 ETF",  # a fund we ask for too
        "iShares Core S&P Mid-Cap ETF",  # shares all words but one
        "iShares S&P 500 Growth ETF",
        "iShares Core S&P 500 ETF (hedged)",
        "",
    ],
)
def test_the_workbook_of_another_fund_is_refused(name: str) -> None:
    body = p.ishares([("Jan 15, 2026", 244.1, "--", "290,000,000")], name=name)
    with pytest.raises(ShapeError, match="must name the fund asked for, iShares Core S&P 500 ETF"):
        ishares.parse(body, p.request("239726"))


def test_a_workbook_that_names_no_fund_is_refused() -> None:
    alone = p.GOOD_FUND.replace(b"Sample Broad Market ETF", b"")
    with pytest.raises(ShapeError, match="must name the fund"):
        ishares.parse(alone, R)
