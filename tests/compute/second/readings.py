"""Readings of prices, breadth, funds and volatility, computed again; those of released statistics: ``macro_readings``.

Belongs here: one frame per family of readings, in the shape ``SHAPE``. Does not: percentiles and directions (``scores``).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import polars as pl

from second import funds, volatility
from second.breadth import segments
from second.facts import World

SHAPE = ["reading_id", "entity_id", "session_date", "value", "status", "obs_period", "n_used", "n_expected", "known_at"]
NEVER = np.datetime64("NaT", "D")
MAIN_GROUPS = ("equity", "bond")  # of funds, with readings of their own


def shaped(
    reading_id: str, entity: str, world: World, on: np.ndarray, value: Any, status: Any, used: Any, expected: Any,
    known: Any = None, period: Any = None,
) -> pl.DataFrame:  # fmt: skip
    """One reading of one entity: at the sessions ``on``; the value only where its status is OK.

    ``known``: microseconds (0: nothing was known, so the snapshot counts). ``period``: the newest day it measures.
    """
    value, size = np.asarray(value, dtype=float), len(on)
    word = np.full(size, status) if isinstance(status, str) else np.asarray(status)
    ok = word == "OK"
    snapshots = world.snapshots[on]
    told = snapshots if known is None else np.where(np.asarray(known) > 0, known, snapshots)
    return pl.DataFrame(
        {
            "session_date": world.dates[on], "value": np.where(ok, value, np.nan),
            "status": np.where(ok & np.isnan(value), "UNDEFINED", word),
            "obs_period": world.dates[on] if period is None else period,
            "n_used": np.broadcast_to(np.asarray(used, dtype=float), size).copy(),
            "n_expected": np.broadcast_to(np.asarray(expected, dtype=float), size).copy(),
            "known_at": told.astype(float),
        }
    ).with_columns(reading_id=pl.lit(reading_id), entity_id=pl.lit(entity)).select(SHAPE)  # fmt: skip


def _of_segment(frame: pl.DataFrame, ids: dict[str, tuple[pl.Expr, str, str]], entity: str) -> list[pl.DataFrame]:
    """``ids``: reading → (value, status block, column of the members used)."""
    counted = frame.with_columns(traded=pl.col("advancers") + pl.col("decliners") + pl.col("unchanged"))
    found = []
    for reading_id, (value, block, used) in ids.items():
        status = pl.col(f"status_{block}")
        found.append(
            counted.select(
                "session_date", reading_id=pl.lit(reading_id), entity_id=pl.lit(entity), obs_period="session_date",
                value=pl.when(status == "OK").then(value.cast(pl.Float64)), status=status, n_used=pl.col(used),
                n_expected="members", known_at="known_at",
            ).select(SHAPE)
        )  # fmt: skip
    return found


def breadth(world: World) -> pl.DataFrame:
    """BR01 to BR12 and BR19 of the default universe and BR14 of its sectors."""
    c = pl.col
    frame = segments(world).filter("is_default").sort("session_date").with_columns(pl.col(pl.Float64).fill_nan(None))
    net = 100 * (c("new_highs_52w") - c("new_lows_52w")) / c("n_with_52w")
    traded, with_sma, with_52w = "traded", "n_with_sma", "n_with_52w"
    ids = {
        "BR01_advancers": (c("advancers"), "counts", traded), "BR01_decliners": (c("decliners"), "counts", traded),
        "BR02_share": (c("advance_share"), "counts", traded), "BR02_net": (c("net_advances"), "counts", traded),
        "BR02_ratio": (c("ad_ratio"), "ad_ratio", traded), "BR03_rana": (c("rana"), "counts", traded),
        "BR05_up_share": (c("up_volume_share"), "volume", traded), "BR06_trin": (c("trin"), "trin", traded),
        **{f"BR07_{n}": (c(f"pct_above_sma{n}"), "sma", with_sma) for n in (20, 50, 100, 200)},
        "BR08_highs": (c("new_highs_52w"), "52w", with_52w), "BR08_lows": (c("new_lows_52w"), "52w", with_52w),
        "BR09_net": (net, "52w", with_52w), "BR09_net_10d": (c("nh_nl_net_10d"), "nh_nl_10d", with_52w),
        "BR09_record": (c("record_high_pct"), "record_highs", with_52w),
        "BR10_ra": (c("mcclellan_oscillator"), "oscillator", traded),
        "BR10_classic": (c("mcclellan_oscillator_classic"), "oscillator_classic", traded),
        "BR11_ra": (c("mcclellan_summation"), "oscillator", traded),
        "BR11_classic": (c("mcclellan_summation_classic"), "oscillator_classic", traded),
        **{
            f"BR19_{n}_{end}": (c(f"pct_above_sma{n}_{end}"), "bounds", f"n_with_sma{n}")
            for n in (50, 200) for end in ("low", "high")
        },
        **{f"BR19_share_{end}": (c(f"advance_share_{end}"), "share_bounds", "n_traded") for end in ("low", "high")},
        "BR12_zbt": (c("zweig_breadth_thrust"), "thrust", traded), "BR12_signal": (c("thrust_signal"), "thrust", traded),
    }  # fmt: skip
    whole = frame.filter(c("segment_type") == "universe")
    found = _of_segment(whole, ids, str(whole["universe_id"][0]))
    for reading_id, step in (("BR04_ra_20", "rana"), ("BR04_line_20", "net_advances")):
        used = c(step).is_not_null().cast(pl.Float64).rolling_sum(20, min_samples=1)
        status = pl.when(c("status_counts") != "OK").then("status_counts").when(used < 20).then(pl.lit("WARMUP"))
        lines = whole.with_columns(
            change=c(step).rolling_sum(20, min_samples=20), used=used, status_lines=status.otherwise(pl.lit("OK")),
            members=pl.lit(20.0),
        )  # fmt: skip
        found += _of_segment(lines, {reading_id: (c("change"), "lines", "used")}, str(whole["universe_id"][0]))
    of_sector = {
        "BR14_share": (c("advance_share"), "counts", traded), "BR14_50": (c("pct_above_sma50"), "sma", with_sma),
        "BR14_200": (c("pct_above_sma200"), "sma", with_sma), "BR14_net": (net, "52w", with_52w),
    }  # fmt: skip
    for (sector,), one in frame.filter(c("segment_type") == "sector").group_by(["segment_id"], maintain_order=True):
        found += _of_segment(one, of_sector, str(sector))
    return pl.concat(found)


def technical(world: World) -> pl.DataFrame:
    """RD01, TE03 and TE10 of the headline index."""
    p = volatility.headline(world)
    t, known, name = p.ticks.astype(float), p.known.astype(float), p.instrument_id
    top, n = np.maximum.accumulate(t), np.arange(t.size)
    found = [shaped("RD01", name, world, p.at, 100 * (t / top - 1), "OK", 1, 1, np.maximum.accumulate(known))]
    mean = {k: pl.Series(p.ticks).rolling_mean(k, min_samples=k).to_numpy() for k in (50, 200)}
    newest = pl.Series(known).rolling_max(200, min_samples=1).to_numpy()
    word = np.where(n < 199, "WARMUP", "OK")
    cross = 100 * (mean[50] / mean[200] - 1)
    found.append(shaped("TE03", name, world, p.at, cross, word, np.minimum(n + 1, 200), 200, newest))
    ago = {k: np.concatenate([np.full(k, np.nan), t[:-k]]) for k in (21, 252)}
    known_ago = [np.concatenate([np.full(k, np.nan), known[:-k]]) for k in (21, 252)]
    word = np.where(np.isnan(ago[252]), "WARMUP", "OK")
    newest = np.fmax.reduce([known, *known_ago])
    momentum = 100 * (t / ago[252] - 1) - 100 * (t / ago[21] - 1)
    found.append(shaped("TE10", name, world, p.at, momentum, word, np.minimum(n + 1, 253), 253, newest))
    return pl.concat(found)


def sentiment(world: World) -> pl.DataFrame:
    """VS01 and VS02."""
    held = volatility.closes(world)
    (vix, known), (far, far_known) = held["VIX"], held["VIX3M"]
    on = np.flatnonzero(~np.isnan(vix))
    there = ~np.isnan(far[on])
    slope = (far / np.where(vix == 0, np.nan, vix) - 1)[on]
    word = np.where(there, "OK", "NOT_PUBLISHED")
    both = np.maximum(known, np.where(np.isnan(far), 0, far_known))[on]
    return pl.concat(
        [
            shaped("VS01", "VIX", world, on, vix[on], "OK", 1, 1, known[on]),
            shaped("VS02_3m", "VIX", world, on, slope, word, 1 + there, 2, both),
        ]
    )


def flows(world: World) -> pl.DataFrame:
    """FL02, FL03 and FL04 from groups of funds."""
    found: list[pl.DataFrame] = []
    shares: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    groups = funds.groups(world)
    for name, g in groups.items():
        on = np.arange(g.first, len(world.days))
        entity = "equity_us" if name == "equity" else name
        period = np.array([np.datetime64(d, "D") if d else NEVER for d in g.observed])
        held = np.arange(g.clean.size) + 1
        for n in (5, 20, 60):
            cents = _window_sum(g.clean, n) + g.pending
            used = _window_sum((g.flows > 0).astype(float), n)
            value = cents / _first_known(g.before, n)
            short = (used < 0.9 * n) | ~(g.coverage >= 0.9)
            word = np.where(
                g.age > 3, "STALE_INPUT", np.where(held < n, "WARMUP", np.where(short, "LOW_COVERAGE", "OK"))
            )
            # before the first size of the group there is neither an age nor a coverage to object to
            word = np.where(np.isinf(g.age), np.where(held < n, "WARMUP", "LOW_COVERAGE"), word)
            if name in MAIN_GROUPS or n == 20:
                kind = name if name in MAIN_GROUPS else "category"
                found.append(shaped(f"FL02_{kind}_{n}", entity, world, on, value, word, used, n, g.known, period))
            if n == 20:
                shares[name] = (value, word, used)
        value, word, _ = shares[name]
        usable = pl.Series(np.where(word == "OK", value, np.nan)).fill_nan(None)
        past = usable.shift(1)
        count = past.is_not_null().cast(pl.Float64).rolling_sum(252, min_samples=1).to_numpy()
        mean = past.rolling_mean(252, min_samples=1).to_numpy()
        spread = past.rolling_std(252, min_samples=2).to_numpy()
        z = (value - mean) / spread
        word = np.where(
            word != "OK", word, np.where(count < 227, "WARMUP", np.where(spread > 1e-12, "OK", "UNDEFINED"))
        )
        kind = name if name in MAIN_GROUPS else "category"
        found.append(shaped(f"FL02_{kind}_z", entity, world, on, z, word, count, 252, g.known, period))
    found.append(_equity_less_bond(world, groups, shares))
    for name in groups.keys() - {"bond"}:
        found.append(_persistence(world, groups[name], name))
    return pl.concat(found)


def _equity_less_bond(world: World, groups: dict[str, funds.Group], shares: dict[str, Any]) -> pl.DataFrame:
    e, b = groups["equity"], groups["bond"]
    first = max(e.first, b.first)
    on, cut = np.arange(first, len(world.days)), {"equity": first - e.first, "bond": first - b.first}
    (ve, we, ue), (vb, wb, ub) = (tuple(x[cut[name] :] for x in shares[name]) for name in ("equity", "bond"))
    days = [np.array([np.datetime64(d, "D") if d else NEVER for d in g.observed[first - g.first :]]) for g in (e, b)]
    newest = np.maximum(e.known[cut["equity"] :], b.known[cut["bond"] :])
    return shaped(
        "FL03_20",
        "US",
        world,
        on,
        ve - vb,
        np.where(we != "OK", we, wb),
        np.minimum(ue, ub),
        20,
        newest,
        np.fmin(*days),
    )


def _persistence(world: World, g: funds.Group, name: str) -> pl.DataFrame:
    ends, weeks = funds.week_ends(world), defaultdict(list)
    for n in range(g.first, len(world.days)):
        weeks[ends[n]].append(n - g.first)
    told: list[tuple[int, float, bool]] = []  # where a week ended, its flow, and whether anything was known of it
    values: dict[str, list[float]] = {"FL04_equity": [], "FL04_equity_ratio": []}
    words, used, on = [], [], []
    for k in range(g.clean.size):
        n = g.first + k
        if ends[n] == n:
            inside = weeks[n]
            told.append((n, g.clean[inside].sum() + g.pending[k], bool(g.flows[inside].sum() > 0)))
        if not told:
            continue
        last = told[-12:]
        flow = np.array([cents for _, cents, _ in last])
        known = sum(is_known for _, _, is_known in last)
        values["FL04_equity"].append(float((flow > 0).sum()))
        spread = np.std(flow, ddof=1) if flow.size > 1 else np.nan
        values["FL04_equity_ratio"].append(float(flow.mean() / spread) if spread else np.nan)
        short = known < 12 or not g.coverage[k] >= 0.9
        words.append(
            "STALE_INPUT"
            if 3 < g.age[k] < np.inf
            else "WARMUP"
            if len(last) < 12
            else "LOW_COVERAGE"
            if short
            else "OK"
        )
        used.append(known)
        on.append(n)
    at = np.array(on)
    period = np.array([np.datetime64(g.observed[n - g.first], "D") if g.observed[n - g.first] else NEVER for n in on])
    entity = "equity_us" if name == "equity" else name
    if name != "equity":
        values = {"FL04_category": values["FL04_equity"]}
    return pl.concat(
        [
            shaped(kind, entity, world, at, v, np.array(words), used, 12, g.known[at - g.first], period)
            for kind, v in values.items()
        ]
    )


def _window_sum(x: np.ndarray, n: int) -> np.ndarray:
    total = np.concatenate([[0.0], np.cumsum(x)])
    k = np.arange(x.size)
    return total[k + 1] - total[np.maximum(k + 1 - n, 0)]


def _first_known(x: np.ndarray, n: int) -> np.ndarray:
    """The oldest value that is there among the last n."""
    return np.array([next((v for v in x[max(k + 1 - n, 0) : k + 1] if not np.isnan(v)), np.nan) for k in range(x.size)])
