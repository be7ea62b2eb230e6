"""Breadth and correlations of a small market, computed a second time by other code from the raw tables, must agree.

What the market holds is stated here in words (who is a member when), so that reading it shares nothing either.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
import recomputed
import tiny_assets
import tiny_market

from ingestion import calendar

DAYS = tiny_market.sessions()
EARLIER = date.fromisoformat(tiny_market.EARLIER)
MARTS = ("breadth_daily", "cross_asset_correlation", "correlation_matrix")
LEARNT = date(2025, 2, 3)  # that D had left, and that C is in health care
STOCKS = list(tiny_market.STOCKS)
HALF_DIGIT = 5e-7  # the mart keeps six decimals


def test_later_days_change_no_earlier_row(built: dict[str, Path]) -> None:
    for mart in MARTS:
        query = f"SELECT * FROM marts.{mart} WHERE session_date <= DATE '{EARLIER}' ORDER BY ALL"
        known, now = read(built["then"], query), read(built["now"], query)
        assert known.height > 1_000 and known.equals(now), mart


def read(path: Path, sql: str) -> pl.DataFrame:
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        return con.execute(sql).pl()


def grid(frame: pl.DataFrame, column: str, names: list[str]) -> np.ndarray:
    """names x sessions, NaN where there is no row."""
    found = np.full((len(names), len(DAYS)), np.nan)
    position = {day: n for n, day in enumerate(DAYS)}
    for symbol, day, value in frame.select("symbol", "session_date", column).iter_rows():
        if symbol in names and day in position:
            found[names.index(symbol), position[day]] = value
    return found


def members() -> dict[tuple[str, str], np.ndarray]:
    day = np.array(DAYS)
    everyone = np.stack([np.full(len(DAYS), True) for _ in STOCKS])
    everyone[STOCKS.index("E")] = day < date(2024, 9, 3)
    everyone[STOCKS.index("D")] = day < LEARNT
    energy = np.zeros_like(everyone)
    energy[:2] = True
    energy[2] = day < LEARNT
    return {
        ("universe", "SAMPLE_PIT"): everyone,
        ("sector", "energy"): everyone & energy,
        ("sector", "health_care"): everyone & ~energy,
    }


def test_breadth_agrees_with_a_second_computation(built: dict[str, Path]) -> None:
    raw = read(built["now"], "SELECT * FROM raw.yahoo_bars")
    ratio = np.ones((len(STOCKS), len(DAYS)))
    ratio[0, DAYS.index(date(2025, 2, 10))] = 2
    bars = recomputed.Bars(DAYS, *(grid(raw, c, STOCKS) for c in ("close", "high", "low", "volume")), ratio)
    found, segments = recomputed.facts(bars), members()
    everyone = segments["universe", "SAMPLE_PIT"]
    sizes = recomputed.thirds(bars, everyone, STOCKS)
    for label in ("size_large", "size_mid", "size_small"):
        holds = np.array([[sizes[t].get(s) == label for t in range(len(DAYS))] for s in range(len(STOCKS))])
        segments["size", label] = everyone & holds
    mart = read(built["now"], "SELECT * FROM marts.breadth_daily WHERE universe_id = 'SAMPLE_PIT'")
    used = {"OK": 0}
    for (kind, name), mask in segments.items():
        rows = mart.filter((pl.col("segment_type") == kind) & (pl.col("segment_id") == name)).sort("session_date")
        expected = recomputed.counts(found, mask)
        days = [t for t in range(len(DAYS)) if expected["members"][t]]
        assert rows["session_date"].to_list() == [DAYS[t] for t in days], (kind, name)
        with np.errstate(divide="ignore", invalid="ignore"):
            _compare(rows, {k: v[days] for k, v in expected.items()}, used)
    assert used["OK"] > 5_000


def _compare(rows: pl.DataFrame, seen: dict[str, np.ndarray], used: dict[str, int]) -> None:
    a, d = seen["advancers"].astype(float), seen["decliners"].astype(float)
    is_ok = rows["status_counts"].to_numpy() == "OK"
    share, net = np.where(is_ok, a / np.maximum(a + d, 1), np.nan), np.where(is_ok, a - d, np.nan)
    expected: dict[str, np.ndarray] = {"members": seen["members"], "net_advances": a - d, "advance_share": share}
    expected |= {k: seen[k] for k in ("advancers", "decliners", "unchanged", "up_volume", "down_volume")}
    expected |= {"rana": 1000 * (a - d) / (a + d), "ad_line": np.nancumsum(net), "ad_ratio": a / d}
    up, down = seen["up_volume"], seen["down_volume"]
    expected |= {"up_volume_share": up / (up + down), "trin": (a / d) / (up / down)}
    expected |= {f"pct_above_sma{n}": 100 * seen[f"above{n}"] / seen[f"with{n}"] for n in recomputed.AVERAGES}
    high, low = seen["high"], seen["low"]
    expected |= {"new_highs_52w": high, "new_lows_52w": low, "nh_nl_net": high - low}
    expected |= {"new_highs_52w_close": seen["high_close"], "new_lows_52w_close": seen["low_close"]}
    expected |= {"nh_nl_pct": 100 * (high - low) / seen["with_52w"], "record_high_pct": 100 * high / (high + low)}
    for suffix, x in (("", 2000 * share - 1000), ("_classic", net)):
        (fast, age), (slow, _) = recomputed.average(x, 0.10), recomputed.average(x, 0.05)
        expected[f"mcclellan_oscillator{suffix}"] = fast - slow
        expected[f"mcclellan_summation{suffix}"] = recomputed.summed(x, fast - slow, age, suffix != "")
    z, _ = recomputed.average(share, 2 / 11)
    expected |= {"zweig_breadth_thrust": z, "thrust_signal": recomputed.zweig(z, share)}
    for column, values in expected.items():
        given = rows[column].cast(pl.Float64).to_numpy()
        there = rows[column].is_not_null().to_numpy()
        used["OK"] += int(there.sum())
        wanted = np.asarray(values, dtype=float)[there]
        assert np.abs(given[there] - wanted).max(initial=0) < HALF_DIGIT + 1e-9, column


def _returns(built: Path) -> dict[tuple[str, str], tuple[np.ndarray, list[datetime | None]]]:
    """Session returns per asset and alignment, and when each became known (None: at the session's own snapshot)."""
    bars = read(built, "SELECT * FROM raw.yahoo_bars")
    closes = {
        ("SMP", "close"): grid(bars, "close", ["^SMP"])[0],
        ("SMT", "close"): grid(bars, "close", ["^SMT"])[0],
        ("WTI", "close"): grid(bars, "close", ["CL=F"])[0],
    }
    candles = read(built, "SELECT * FROM raw.coinbase_candles")
    for asset, product in (("BTC", "BTC-USD"), ("ETH", "ETH-USD")):
        one = candles.filter(pl.col("product") == product)
        rows = one.select("granularity_s", "start_at", "close").rows()
        whole = {at.date(): close for length, at, close in rows if length == 86_400}
        hours = {at.timestamp(): close for length, at, close in rows if length == 3_600}
        ends = [tiny_assets.CLOSES[day].timestamp() for day in DAYS]
        closes[asset, "utc_day"] = np.array([whole.get(day, np.nan) for day in DAYS])
        closes[asset, "nyse_close"] = np.array([hours.get(end - 3_600, np.nan) for end in ends])
    found = {key: (np.append(np.nan, np.diff(np.log(c))), [None] * len(DAYS)) for key, c in closes.items()}
    observed = read(
        built, "SELECT observation_date, value, known_at FROM raw.fred_observations WHERE series_id = 'DGS10'"
    )
    fred = {day: (value / 100, at) for day, value, at in observed.rows()}
    bond, known = np.full(len(DAYS), np.nan), [fred[day][1] if day in fred else None for day in DAYS]
    for t in range(1, len(DAYS)):
        if DAYS[t] in fred and DAYS[t - 1] in fred:
            now, before = fred[DAYS[t]][0], fred[DAYS[t - 1]][0]
            bond[t] = (before - now) * sum(0.5 / (1 + before / 2) ** k for k in range(1, 21))
    for t in reversed(range(len(DAYS) - 1)):
        known[t] = known[t] or known[t + 1]
    return found | {("UST10", "close"): (bond, known)}


@pytest.mark.parametrize("window", [20, 60, 120, 252])
def test_correlations_and_slopes_agree_with_numpy(built: dict[str, Path], window: int) -> None:
    now = built["now"]
    returns = _returns(now)
    kinds = {"SMP": "close", "SMT": "close", "WTI": "close", "UST10": "close", "BTC": "crypto", "ETH": "crypto"}
    once = read(now, f"SELECT * FROM marts.cross_asset_correlation WHERE window_sessions = {window} AND status = 'OK'")
    both_ways = read(now, f"SELECT * FROM marts.correlation_matrix WHERE window_sessions = {window}")
    matrix = {
        (r["session_date"], r["asset_x"], r["asset_y"], r["alignment"]): r for r in both_ways.iter_rows(named=True)
    }
    worst, checked = 0.0, 0
    for row in once.gather_every(21).iter_rows(named=True):
        t, alignment = DAYS.index(row["session_date"]), row["alignment"]
        legs = []
        end = t
        for asset in (row["asset_x"], row["asset_y"]):
            series, known = returns[asset, alignment if kinds[asset] == "crypto" else "close"]
            lagged = kinds[asset] == "crypto" and row["lag_sessions"] == 1
            legs.append(np.append(np.nan, series[:-1]) if lagged else series)
            seen = [n for n in range(t + 1) if known[n] is None or known[n] <= calendar.snapshot_at(DAYS[t])]
            end = min(end, max(seen))
        assert row["window_end"] == DAYS[end]
        a, b = (leg[max(0, end - window + 1) : end + 1] for leg in legs)
        wanted = recomputed.pair(a, b)
        both = None
        if row["is_default"]:
            both = matrix[row["session_date"], row["asset_x"], row["asset_y"], alignment]
        assert row["n_obs"] == wanted["n_obs"] >= 0.9 * window
        compared = {name: row[name] for name in ("correlation", "ci_low", "ci_high")}
        if both is not None:
            compared |= {k: both[k] for k in wanted if k != "n_obs" and both[k] is not None}
            back = recomputed.pair(b, a)
            other = matrix[row["session_date"], row["asset_y"], row["asset_x"], alignment]
            worst = max(worst, *(abs(other[k] - back[k]) for k in back if other[k] is not None))
        worst = max(worst, *(abs(value - wanted[name]) for name, value in compared.items()))
        checked += 1
    assert checked > 50 and worst < 1.5e-9  # values are kept to nine decimals
