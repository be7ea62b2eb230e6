"""SSGA workbooks: the ticker is checked, dashes are unknown, small print ends the days; stablecoins drop the running day."""

import io
import json
import zipfile
from datetime import UTC, date, datetime

import payloads as p
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.source import EmptyAnswer, ShapeError
from ingestion.sources import defillama, ssga

R = p.request("XYZ")


def test_days_are_read_oldest_first_and_a_dash_is_unknown() -> None:
    assert ssga.parse(p.GOOD_SSGA, R).rows() == [
        ("XYZ", date(2026, 1, 14), 49.75, None, None),
        ("XYZ", date(2026, 1, 15), 50.25, 2_000_000.0, 100_500_000.0),
    ]


def test_a_day_is_known_the_next_morning() -> None:
    frame = ssga.parse(p.GOOD_SSGA, R)
    assert ssga.known_at(frame)[-1] == datetime(2026, 1, 16, 14, tzinfo=UTC)


def test_cells_may_be_texts_numbers_or_dates() -> None:
    mixed = p.ssga([(datetime.fromisoformat("2026-01-15"), "$50.25", "2,000,000", "100,500,000.00")], small_print=None)
    assert ssga.parse(mixed, R).row(0)[1:] == (date(2026, 1, 15), 50.25, 2_000_000.0, 100_500_000.0)


def test_columns_may_move_and_be_added() -> None:
    moved = p.ssga(
        [(1, 50.0, 9.0, "15-Jan-2026", 450.0)], header=("New", "NAV", "Shares Outstanding", "Date", "Total Net Assets")
    )
    assert ssga.parse(moved, R).row(0)[1:] == (date(2026, 1, 15), 50.0, 9.0, 450.0)


def test_a_day_without_a_net_asset_value_is_no_day_and_the_future_is_dropped() -> None:
    rows: list[tuple[object, ...]] = [
        ("16-Jan-2026", 51, 1, 51),
        ("15-Jan-2026", 50, 1, 50),
        ("14-Jan-2026", "-", "-", "-"),
    ]
    assert ssga.parse(p.ssga(rows), R)["as_of_date"].to_list() == [date(2026, 1, 15)]
    with pytest.raises(EmptyAnswer):
        ssga.parse(p.ssga([]), R)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        p.HTML,
        p.GOOD_SSGA[:-40],
        p.GOOD_SSGA[:200],
        p.ssga([("15-Jan-2026", 50, 1, 50)], ticker="ABC"),
        p.ssga([("15-Jan-2026", 50, 1, 50)], sheet="holdings"),
        p.ssga([("15-Jan-2026", 50, 1, 50)], header=("Date", "NAV", "Shares", "Total Net Assets")),
        p.ssga([("15-Jan-2026", 50, 1, 50), ("2026-01-14", 50, 1, 50)]),
        p.ssga([("15-Jan-2026", 50, 1, 50), (None, None, None, None), ("13-Jan-2026", 50, 1, 50)]),
        p.ssga([("15-Jan-2026", "fifty", 1, 50)]),
        p.ssga([("31-Feb-2026", 50, 1, 50)]),
    ],
)
def test_anything_else_is_a_shape_error(body: bytes) -> None:
    with pytest.raises(ShapeError):
        ssga.parse(body, R)


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (65 * 2**20))
    with pytest.raises(ShapeError, match="unpacked"):
        ssga.parse(out.getvalue(), R)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10**6).map(lambda n: n / 100), st.integers(0, 10**9)), min_size=1, max_size=12)
)
def test_whatever_was_written_is_read(values: list[tuple[float, int]]) -> None:
    rows: list[tuple[object, ...]] = [
        (f"{date(2025, 12, 31 - n):%d-%b-%Y}", nav, shares, nav * shares) for n, (nav, shares) in enumerate(values)
    ]
    frame = ssga.parse(p.ssga(rows), R)
    assert frame["nav"].to_list() == [nav for nav, _ in reversed(values)]
    assert frame["shares_outstanding"].to_list() == [float(shares) for _, shares in reversed(values)]


def test_impossible_values_are_caught_by_the_rules() -> None:
    bad = pl.DataFrame(
        {
            "nav": [0.0, 1.0, 1.0, 1.0],
            "shares_outstanding": [1.0, -1.0, 1.0, None],
            "total_net_assets": [1.0, 1.0, -1.0, None],
        }
    )
    caught = [bad.select(rule.bad.fill_null(False)).to_series().to_list() for rule in ssga.SOURCES[0].rules]
    assert caught == [[True, False, False, False], [False, True, False, False], [False, False, True, False]]


S = p.request("stablecoins/all")


def test_the_running_day_of_the_stablecoins_is_dropped() -> None:
    frame = defillama.parse(p.GOOD_STABLECOINS, S)
    assert frame.rows() == [(date(2026, 1, 14), 300e9, 301e9), (date(2026, 1, 15), 301.5e9, 301e9)]
    assert defillama.known_at(frame)[-1] == datetime(2026, 1, 16, tzinfo=UTC)
    (rule,) = defillama.SOURCES[0].rules
    odd = pl.DataFrame({"circulating_usd": [0.0, -1.0, 1.0, 1.0], "circulating_coins": [1.0, 1.0, 1.0, 0.0]})
    assert odd.select(rule.bad).to_series().to_list() == [True, True, False, True]


@pytest.mark.parametrize(
    "change",
    [
        {"date": 1768348800},
        {"date": "1768348801"},
        {"date": "x"},
        {"totalCirculatingUSD": {"peggedEUR": 1}},
        {"totalCirculatingUSD": {"peggedUSD": "300"}},
        {"totalCirculatingUSD": None},
        {"totalCirculating": {"peggedEUR": 1}},
    ],
)
def test_stablecoins_of_another_shape(change: dict[str, object]) -> None:
    days = json.loads(p.GOOD_STABLECOINS)
    with pytest.raises(ShapeError):
        defillama.parse(json.dumps([{**days[0], **change}, *days[1:]]).encode(), S)
    with pytest.raises(ShapeError):
        defillama.parse(b'{"message": "limit"}', S)
    with pytest.raises(EmptyAnswer):
        defillama.parse(b"[]", S)
