"""What values a series can have: every series has bounds, slips of the unit are seen, crises are not mistaken for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import polars as pl
import pytest

from ingestion import calendar, plausible
from ingestion.registry import source
from ingestion.sample.vendors import cboe, fred
from ingestion.sample.world.market import world
from ingestion.source import Request

SEEDS = calendar.SEED.parent
SERIES = pl.read_csv(SEEDS / "series.csv", infer_schema=False)["series_id"].to_list()
INDICES = ["VIX", "VIX9D", "VIX3M"]
NOW = datetime(2026, 1, 16, 2, tzinfo=UTC)
SLIPS = (100.0, 1000.0, 0.01, 0.001)
AROUND_ZERO = {"THREEFYTP10", "NFCI", "STLFSI4", "DRTSCILM"}  # of values about 0 a hundredth is as good a value
SLIPPED = [(n, f) for n in [*SERIES, *INDICES] for f in SLIPS if f > 1 or n not in AROUND_ZERO]
FRED, CBOE = source("fred_observations"), source("cboe_index_history")


@lru_cache(64)
def answer(name: str) -> pl.DataFrame:
    """The last forty rows the sample vendor has of a series, as the loader sees them."""
    request = Request(name, "https://vendor.example/", date(2014, 1, 2), NOW.date(), NOW)
    if name in INDICES:
        path = f"/api/global/us_indices/daily_prices/{name}_History.csv"
        frame = CBOE.parse(cboe.VENDOR.answer(world(), path, {}, NOW)[2], request)
    else:
        query = {"id": name, "cosd": "2014-01-02", "coed": "2026-01-15"}
        frame = FRED.parse(fred.answer(world(), fred.PATH, query, NOW)[2], request)
    return frame.tail(40).with_columns(pl.lit(0, pl.Int32).alias("_answer"))


def spec_of(name: str) -> tuple[plausible.Plausible, str]:
    declared = CBOE if name in INDICES else FRED
    assert declared.plausible is not None
    return declared.plausible, declared.plausible.value


def spoilt(frame: pl.DataFrame, column: str, factor: float, rows: slice) -> pl.DataFrame:
    touched = pl.int_range(frame.height, eager=True).is_in(list(range(frame.height))[rows])
    return frame.with_columns(pl.when(touched).then(pl.col(column) * factor).otherwise(pl.col(column)).alias(column))


def test_every_series_has_bounds_and_every_bound_a_series() -> None:
    held = plausible.bounds()
    assert {name for kind, name in held if kind == "series"} == set(SERIES)
    instruments = pl.read_csv(SEEDS / "instruments.csv", infer_schema=False)
    for kind in ("volatility", "crypto"):
        assert {name for k, name in held if k == kind} == set(
            instruments.filter(pl.col("asset_class") == kind)["symbol"].to_list()
        )
    ids = pl.read_csv(SEEDS / "instrument_ids.csv", infer_schema=False).filter(pl.col("vendor") == "binance")
    assert {name for k, name in held if k == "tether"} == set(ids["id"])
    assert all(b.low < b.high and b.max_ratio > 1 and b.max_step >= 0 for b in held.values())


def test_a_series_without_bounds_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(KeyError, match=r"'NEW' has no row in bounds\.csv: give it bounds"):
        plausible.bound_of("series", "NEW")


@pytest.mark.parametrize("name", [*SERIES, *INDICES])
def test_what_the_sample_vendor_says_is_plausible(name: str) -> None:
    spec, _ = spec_of(name)
    assert plausible.judge(answer(name), spec).null_count() == 40


@pytest.mark.parametrize(("name", "factor"), SLIPPED)
def test_a_slip_of_the_newest_row_is_seen_and_nothing_else(name: str, factor: float) -> None:
    spec, column = spec_of(name)
    found = plausible.judge(spoilt(answer(name), column, factor, slice(-1, None)), spec)
    assert found[-1] in plausible.RULES
    assert found[:-1].null_count() == 39


@pytest.mark.parametrize(("name", "factor"), SLIPPED)
def test_a_slip_of_a_whole_answer_is_seen_by_what_is_held(name: str, factor: float) -> None:
    spec, column = spec_of(name)
    held = plausible.shaped(answer(name).drop("_answer"), spec)
    assert plausible.judge(spoilt(answer(name), column, factor, slice(None)), spec, held).null_count() == 0


def test_a_slip_in_the_first_row_blames_that_row() -> None:
    spec, column = spec_of("DGS10")
    found = plausible.judge(spoilt(answer("DGS10"), column, 0.01, slice(0, 2)), spec)
    assert found.to_list()[:3] == [plausible.STEP, plausible.STEP, None] and found[2:].null_count() == 38


def test_a_history_in_another_unit_is_seen_by_its_level() -> None:
    days = [date(2000, 1, 3) + timedelta(n) for n in range(1200)]
    levels = [0.05 + 0.0001 * (n % 40) for n in range(1200)]  # shares instead of percent
    frame = pl.DataFrame({"series_id": "DGS10", "observation_date": days, "value": levels, "_answer": 0})
    spec, _ = spec_of("DGS10")
    assert set(plausible.judge(frame, spec)) == {plausible.SCALE}
    assert plausible.judge(frame.with_columns(value=pl.col("value") * 100), spec).null_count() == 1200


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ICSA", [211_000, 282_000, 3_307_000, 6_867_000, 6_615_000]),
        ("PAYEMS", [152_463, 151_086, 130_161, 132_648]),
        ("UNRATE", [3.5, 4.4, 14.7, 13.3]),
        ("RSAFS", [525_839, 483_947, 412_766, 488_230]),
        ("CES0500000003", [28.5, 28.69, 30.03, 29.71]),
        ("CPIAUCSL", [218.877, 216.995, 213.153, 211.398]),
        ("BAMLH0A0HYM2", [5.0, 6.16, 7.4, 9.0, 10.87]),
        ("DGS10", [0.98, 0.76, 0.54, 0.82, 0.94, 1.18]),
        ("DGS3MO", [1.02, 0.84, 0.03, 0.23, 0.99, 0.92]),
        ("DGS2", [16.95, 16.06, 15.5]),
        ("DFEDTARU", [1.75, 1.25, 1.25, 0.25]),
        ("DFF", [14.35, 6.46, 6.1]),
        ("DFII10", [1.91, 1.29, 1.35]),
        ("CCSA", [1_784_000, 3_059_000, 7_446_000, 11_914_000, 15_819_000]),
        ("GDP", [21_747, 19_477, 21_138]),
        ("STLFSI4", [1.9, 4.6, 9.2, 9.7]),
        ("DRTSCILM", [0.0, 41.5, 71.2]),
        ("BAA10Y", [1.96, 2.54, 2.43]),
    ],
)
def test_crises_pass(name: str, values: list[float]) -> None:
    """Spring of 2020, autumn of 2008, 1981: large and true."""
    days = [date(2020, 3, 2) + timedelta(n) for n in range(len(values))]
    frame = pl.DataFrame({"series_id": name, "observation_date": days, "value": [*map(float, values)], "_answer": 0})
    spec, _ = spec_of(name)
    assert plausible.judge(frame, spec).null_count() == len(values)


def test_vintages_are_judged_each_on_its_own() -> None:
    """A benchmark revision moves all of a vintage; that is no step inside one."""
    spec = source("alfred_vintages").plausible
    assert spec is not None
    rows = [
        ("PAYEMS", date(2025, month, 1), vintage, level + month)
        for vintage, level in ((date(2025, 6, 6), 159_000.0), (date(2025, 9, 5), 158_000.0), (date(2025, 10, 3), 158.0))
        for month in range(1, 5)
    ]
    names = ["series_id", "observation_date", "vintage_date", "value"]
    frame = pl.DataFrame(rows, names, orient="row").with_columns(pl.lit(0, pl.Int32).alias("_answer"))
    assert plausible.judge(frame, spec).to_list() == [None] * 8 + [plausible.OUT_OF_BOUNDS] * 4


@pytest.mark.parametrize(
    ("navs", "shares", "wrong"),
    [
        ((100.0, 101.0, 50.2, 50.5), (1e6, 1e6, 2.02e6, 2e6), []),  # 2 for 1
        ((2.0, 2.02, 16.1, 16.0), (8e6, 8e6, 1e6, 1e6), []),  # 1 for 8
        ((100.0, 101.0, 99.0, 5000.0), (1e6, 1e6, 1e6, 1e6), [3]),  # a factor and no split
        ((100.0, 101.0, 99.0, 50.0), (1e6, 1e6, 1e6, 1e6), [3]),
        ((100.0, 101.0, 99.0, 50.0), (1e6, 1e6, 1e6, None), [3]),
    ],
)
def test_a_fund_may_split_but_not_slip(
    navs: tuple[float, ...], shares: tuple[float | None, ...], wrong: list[int]
) -> None:
    spec = source("ishares_fund_history").plausible
    assert spec is not None
    days = [date(2026, 1, 5) + timedelta(n) for n in range(len(navs))]
    frame = pl.DataFrame(
        {"product_id": "900001", "as_of_date": days, "nav": navs, "shares_outstanding": shares, "_answer": 0}
    )
    found = plausible.judge(frame, spec)
    assert [n for n, rule in enumerate(found) if rule] == wrong
