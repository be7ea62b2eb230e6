"""Breadth per universe, sector and size: counts over a matrix of stocks by sessions, and what follows from the counts.

Belongs here: the columns of ``breadth_daily``. Does not: what one stock did (``prices``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import polars as pl
from recomputed import average, summed, zweig

from second.facts import World
from second.prices import AVERAGES, UNKNOWN, moves, prices

CALM = 1e-12
# how many members were seen: of readings, not of the mart
SEEN = ("n_with_sma", "n_with_sma50", "n_with_sma200", "n_with_52w", "n_traded")
WARM = {"oscillator": 90, "oscillator_classic": 90, "thrust": 23, "thrust_sma10": 10}


class Stocks:
    """What every stock did, as matrices of stocks by sessions."""

    def __init__(self, world: World) -> None:
        held = {name: p for name, p in prices(world).items() if p.asset_class == "stock"}
        every = {name for by in world.stays.values() for name in by} | set(held)
        self.names = sorted(every)
        shape = (len(self.names), len(world.days))
        self.start = min((p.at[0] for p in held.values()), default=shape[1])
        self.move = np.full(shape, "", dtype="<U1")
        self.volume, self.turnover = np.zeros(shape), np.full(shape, np.nan)
        self.known = np.zeros(shape, dtype=np.int64)
        flags = [f"above_sma{n}" for n in AVERAGES]
        flags += ["new_high_52w", "new_low_52w", "new_high_52w_close", "new_low_52w_close"]
        self.flags = {flag: np.full(shape, UNKNOWN, dtype=np.int8) for flag in flags}
        for row, name in enumerate(self.names):
            if name in held:
                p = held[name]
                letters = moves(p)
                self.move[row, p.at] = np.where(letters == "untraded", "", letters)
                self.volume[row, p.at] = np.floor(p.bars["volume"] / p.split + 0.5)
                is_sold = p.is_traded & (p.bars["volume"] > 0)
                sold = np.floor(p.bars["close"] * p.bars["volume"] + 0.5)
                self.turnover[row, p.at] = np.where(is_sold, sold, np.nan)
                self.known[row, p.at] = p.known
                for flag, matrix in self.flags.items():
                    matrix[row, p.at] = p.flags[flag]


@cache
def all_stocks(world: World) -> Stocks:
    """Of a world, put together once."""
    return Stocks(world)


def quarters_before(
    world: World, sold: np.ndarray, member: np.ndarray
) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """Per quarter but the first: its sessions, the rows of who was a member at the end of the quarter before and traded in
    it, and the medians of what each ``sold`` a session then.
    """
    quarters = np.array([day.year * 4 + (day.month - 1) // 3 for day in world.days])
    edges = [0, *(np.flatnonzero(np.diff(quarters)) + 1), len(world.days)]
    for first, edge, until in zip(edges, edges[1:], edges[2:], strict=False):
        traded = sold[:, first:edge]
        ranked = np.flatnonzero(member[:, edge - 1] & ~np.isnan(traded).all(axis=1))
        yield slice(edge, until), ranked, np.nanmedian(traded[ranked], axis=1)


def turnovers(world: World, sold: np.ndarray, member: np.ndarray) -> np.ndarray:
    """That median as a matrix of stocks by sessions; 0 of others."""
    found = np.zeros(member.shape)
    for quarter, ranked, medians in quarters_before(world, sold, member):
        found[ranked, quarter] = medians[:, None]
    return found


def turnovers_of(world: World, names: list[str], member: np.ndarray) -> np.ndarray:
    """The same for stocks by name, in the order of the rows of ``member``."""
    stocks = all_stocks(world)
    place = {name: n for n, name in enumerate(stocks.names)}
    return turnovers(world, stocks.turnover[[place[name] for name in names]], member)


def _sizes(world: World, stocks: Stocks, member: np.ndarray) -> np.ndarray:
    """0 not ranked, else 1 large, 2 mid, 3 small: thirds by the median turnover of the quarter before."""
    size = np.zeros(member.shape, dtype=np.int8)
    for quarter, ranked, medians in quarters_before(world, stocks.turnover, member):
        order = sorted(range(ranked.size), key=lambda k: (-medians[k], stocks.names[ranked[k]]))
        for third, part in enumerate(np.array_split(ranked[order], 3)):
            size[part, quarter] = third + 1
    return size


def parts(world: World, stocks: Stocks, universe: str) -> Iterator[tuple[str, str, np.ndarray]]:
    """Type, name and members of the universe, its sectors and its sizes."""
    stays = world.stays[universe]
    member = np.stack([world.mask(stays.get(name, [])) for name in stocks.names])
    member[:, : stocks.start] = False
    yield "universe", universe, member
    labels = sorted({label for told in world.sectors.values() for _, label in told if label})
    sector = np.zeros(member.shape, dtype=np.int8)
    for row, name in enumerate(stocks.names):
        for start, label in world.sectors.get(name, []):
            sector[row, start:] = labels.index(label) + 1 if label else 0
    for n, label in enumerate(labels):
        yield "sector", label, member & (sector == n + 1)
    size = _sizes(world, stocks, member)
    for n, label in enumerate(("size_large", "size_mid", "size_small")):
        yield "size", label, member & (size == n + 1)


def breadth_daily(world: World) -> pl.DataFrame:
    """One row per universe, segment and session with members."""
    return segments(world).drop(*SEEN)


@cache
def segments(world: World) -> pl.DataFrame:
    """The same, with the members that have averages (``n_with_sma``) and a year of bars (``n_with_52w``)."""
    stocks, frames = all_stocks(world), []
    for universe in world.seed("universes"):
        name = universe["universe_id"]
        held_parts = [(kind, label, m) for kind, label, m in parts(world, stocks, name) if m.any()]
        whole = next((m for kind, _, m in held_parts if kind == "universe"), None)
        if whole is None:
            frames.append(_silent(world, universe))
            continue
        members = whole.sum(axis=0)
        together = {kind: sum(m for k, _, m in held_parts if k == kind).sum(axis=0) for kind, _, _ in held_parts}
        began = int(np.flatnonzero(members)[0])
        for kind, label, mask in held_parts:
            held = mask.sum(axis=0)
            few = held < int(universe["min_sector_members"])
            short = together[kind] < float(universe["coverage_floor"]) * members
            is_small = (few | short) if kind != "universe" else np.zeros(held.size, dtype=bool)
            frame = _segment(world, stocks, mask, universe, is_small, began, members - together[kind])
            frames.append(
                frame.with_columns(
                    universe_id=pl.lit(name), segment_type=pl.lit(kind), segment_id=pl.lit(label),
                    is_point_in_time=pl.lit(universe["is_point_in_time"] == "true"),
                    is_default=pl.lit(universe["is_default"] == "true"),
                )
            )  # fmt: skip
    return pl.concat(frames, how="diagonal")


def _silent(world: World, universe: dict[str, str]) -> pl.DataFrame:
    """A universe nobody listed says so on every session since 2015."""
    days = [n for n, day in enumerate(world.days) if day.year >= 2015]
    blocks = (
        "bounds",
        "share_bounds",
        "counts",
        "ad_ratio",
        "volume",
        "trin",
        "sma",
        "52w",
        "record_highs",
        "nh_nl_10d",
        *WARM,
    )
    return pl.DataFrame(
        {"session_date": world.dates[days], "known_at": world.snapshots[days]}
        | {f"status_{block}": ["NOT_AVAILABLE"] * len(days) for block in blocks}
    ).with_columns(
        universe_id=pl.lit(universe["universe_id"]), segment_type=pl.lit("universe"),
        segment_id=pl.lit(universe["universe_id"]), is_point_in_time=pl.lit(universe["is_point_in_time"] == "true"),
        is_default=pl.lit(universe["is_default"] == "true"),
    )  # fmt: skip


def _counts(stocks: Stocks, mask: np.ndarray, on: np.ndarray) -> dict[str, np.ndarray]:
    inside, seen = mask[:, on], {}
    for name, letter in (("advancers", "A"), ("decliners", "D"), ("unchanged", "U")):
        seen[name] = (inside & (stocks.move[:, on] == letter)).sum(axis=0).astype(float)
    for name, letter in (("up_volume", "A"), ("down_volume", "D")):
        seen[name] = np.where(inside & (stocks.move[:, on] == letter), stocks.volume[:, on], 0.0).sum(axis=0)
    for flag, matrix in stocks.flags.items():
        seen[flag] = (inside & (matrix[:, on] == 1)).sum(axis=0).astype(float)
        seen[f"with {flag}"] = (inside & (matrix[:, on] != UNKNOWN)).sum(axis=0).astype(float)
    seen["known"] = np.where(inside, stocks.known[:, on], 0).max(axis=0)
    return seen


def _segment(
    world: World,
    stocks: Stocks,
    mask: np.ndarray,
    universe: dict[str, str],
    is_small: np.ndarray,
    began: int,
    unplaced: np.ndarray,
) -> pl.DataFrame:
    on = np.flatnonzero(mask.any(axis=0))
    members, held, small = mask.sum(axis=0)[on].astype(float), on - began + 1, is_small[on]
    seen = _counts(stocks, mask, on)
    a, d, u = seen["advancers"], seen["decliners"], seen["unchanged"]
    up, down, moved = seen["up_volume"], seen["down_volume"], a + d
    with_sma = np.min([seen[f"with above_sma{n}"] for n in AVERAGES], axis=0)
    with_52w, floor = seen["with new_high_52w"], float(universe["history_coverage_floor"])
    high, low = seen["new_high_52w"], seen["new_low_52w"]
    traded = moved + u
    counts = np.where(held < 2, "WARMUP", "OK").astype("<U13")
    counts[(counts == "OK") & (small | (traded < float(universe["coverage_floor"]) * members))] = "LOW_COVERAGE"
    counts[(counts == "OK") & (moved == 0)] = "UNDEFINED"
    status = {"counts": counts}
    for block, least, number in (("sma", 200, with_sma), ("52w", 253, with_52w)):
        word = np.where(held < least, "WARMUP", "OK").astype("<U13")
        word[(word == "OK") & (small | (number == 0) | (number < floor * members))] = "LOW_COVERAGE"
        status[block] = word
    for block, of, is_undefined in (
        ("ad_ratio", "counts", d == 0),
        ("volume", "counts", up + down == 0),
        ("trin", "counts", (d == 0) | (up == 0) | (down == 0)),
        ("record_highs", "52w", high + low == 0),
    ):
        status[block] = np.where((status[of] == "OK") & is_undefined, "UNDEFINED", status[of])
    ok, highs_ok = counts == "OK", status["52w"] == "OK"
    with np.errstate(divide="ignore", invalid="ignore"):
        net, share = np.where(ok, a - d, np.nan), np.where(ok, a / moved, np.nan)
        rana = np.round(1000 * net / moved, 6)
        difference = np.where(highs_ok, high - low, np.nan)
        first_ok = int(np.argmax(ok)) if ok.any() else 0
        ten = pl.Series(difference).fill_nan(None).rolling_mean(10, min_samples=10).to_numpy()
        columns = {
            "net_advances": (net, "counts"), "ad_ratio": (a / d, "ad_ratio"), "advance_share": (share, "counts"),
            "advancers": (a, "counts"), "decliners": (d, "counts"), "unchanged": (u, "counts"),
            "untraded": (members - traded, "counts"), "ad_line": (np.nancumsum(net), "counts"),
            "rana": (rana, "counts"), "rana_line": (np.nancumsum(rana), "counts"),
            "up_volume": (up, "counts"), "down_volume": (down, "counts"), "up_volume_share": (up / (up + down), "volume"),
            "is_90pct_up_day": (1.0 * (up / (up + down) >= 0.9), "volume"),
            "is_90pct_down_day": (1.0 * (down / (up + down) >= 0.9), "volume"),
            "trin": ((a / d) / (up / down), "trin"),
            **{f"pct_above_sma{n}": (100 * seen[f"above_sma{n}"] / seen[f"with above_sma{n}"], "sma") for n in AVERAGES},
            "new_highs_52w": (high, "52w"), "new_lows_52w": (low, "52w"),
            "new_highs_52w_close": (seen["new_high_52w_close"], "52w"),
            "new_lows_52w_close": (seen["new_low_52w_close"], "52w"),
            "nh_nl_net": (high - low, "52w"), "nh_nl_pct": (100 * (high - low) / with_52w, "52w"),
            "record_high_pct": (100 * high / (high + low), "record_highs"),
        }  # fmt: skip
    status["nh_nl_10d"] = np.where(~highs_ok, status["52w"], np.where(np.isnan(ten), "WARMUP", "OK"))
    columns["nh_nl_net_10d"] = (ten, "nh_nl_10d")
    for block, (values, others, updates) in _recursions(1000 * net / moved, net, share).items():
        warm = np.where(updates >= WARM[block], "OK", "WARMUP")
        status[block] = np.where(ok, warm, counts)
        value, other = {
            "oscillator": ("mcclellan_oscillator", "mcclellan_summation"),
            "oscillator_classic": ("mcclellan_oscillator_classic", "mcclellan_summation_classic"),
            "thrust": ("zweig_breadth_thrust", "thrust_signal"),
            "thrust_sma10": ("zweig_breadth_thrust_sma10", "thrust_signal_sma10"),
        }[block]
        columns |= {value: (values, block), other: (1.0 * others, block)}
    bounds = _bounds(seen, members, unplaced[on])
    status["bounds"] = np.full(on.size, "OK")
    status["share_bounds"] = np.where(np.isnan(bounds["advance_share_low"]), "UNDEFINED", "OK")
    based = np.where(ok, world.dates[on[first_ok]], np.datetime64("NaT"))
    return pl.DataFrame(
        {"n_with_sma": with_sma, "n_with_52w": with_52w, "n_traded": traded}
        | {f"n_with_sma{n}": seen[f"with above_sma{n}"] for n in (50, 200)}
        | bounds
        | {"session_date": world.dates[on], "members": members, "coverage": traded / members, "line_base_date": based}
        | {"known_at": np.where(seen["known"] > 0, seen["known"], world.snapshots[on]).astype(float)}
        | {name: np.where(status[block] == "OK", values, np.nan) for name, (values, block) in columns.items()}
        | {f"status_{block}": word for block, word in status.items()}
    )


def _bounds(seen: dict[str, np.ndarray], members: np.ndarray, unplaced: np.ndarray) -> dict[str, np.ndarray]:
    """Worst and best case: whoever was not seen, or may belong here for all anybody knows, was on one side or the other."""
    found, everybody = {}, members + unplaced
    for n in AVERAGES:
        above, unseen = seen[f"above_sma{n}"], everybody - seen[f"with above_sma{n}"]
        found[f"pct_above_sma{n}_low"] = 100 * above / everybody
        found[f"pct_above_sma{n}_high"] = 100 * (above + unseen) / everybody
    up, down = seen["advancers"], seen["decliners"]
    unseen = everybody - up - down - seen["unchanged"]
    with np.errstate(invalid="ignore"):
        found["advance_share_low"] = up / (up + down + unseen)
        found["advance_share_high"] = (up + unseen) / (up + down + unseen)
    for flag, name in (("new_high_52w", "new_highs_52w"), ("new_low_52w", "new_lows_52w")):
        found[f"{name}_low"] = seen[flag]
        found[f"{name}_high"] = seen[flag] + everybody - seen[f"with {flag}"]
    return found


def _recursions(
    adjusted: np.ndarray, net: np.ndarray, share: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    found = {}
    for block, x in (("oscillator", adjusted), ("oscillator_classic", net)):
        (fast, age), (slow, _) = average(x, 0.10), average(x, 0.05)
        found[block] = (fast - slow, summed(x, fast - slow, age, block != "oscillator"), age)
    z, age = average(share, 2 / 11)
    found["thrust"] = (z, zweig(z, share), age)
    # to twelve digits: ten shares that make exactly .4 are not below it
    plain = pl.Series(share).fill_nan(None).rolling_mean(10, min_samples=10).round(12).to_numpy()
    found["thrust_sma10"] = (plain, zweig(plain, share), np.where(np.isnan(plain), 0, 10))
    return found
