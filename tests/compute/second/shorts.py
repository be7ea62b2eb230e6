"""Who is sold short: FL12, FL13, FL14, and the mart ``positioning``.

Belongs here: positions as known session by session, tenths, slopes, what the most shorted did. Does not: market values
(``companies``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from second import buybacks, futures, margin, rallies, volatility
from second.companies import companies, plain, whole
from second.facts import World, micros
from second.prices import prices
from second.readings import shaped

FRESH = 35  # days a settlement speaks
YEAR, LEAST = 252, 227  # sessions of a slope


@dataclass(frozen=True)
class Told:
    """One version of one stock's position at one settlement day, in shares of that day."""

    known: int
    settled: date
    short: float
    change: float
    volume: float
    sessions: int
    split: float


class Shorts:
    """Positions of the members: stocks by sessions, in whole dollars; NaN where nothing fresh is known."""

    def __init__(self, world: World) -> None:
        self.world, self.c = world, companies(world)
        self.told, self.since = self._told()
        c, shape = self.c, self.c.close.shape
        self.short, self.volume, self.change, self.traded, self.shares, self.cover, self.part = np.full(
            (7, *shape), np.nan
        )
        self.settled = np.full(shape, np.datetime64("NaT", "D"))
        self.known = np.zeros(shape)
        for row, versions in self.told.items():
            newest = date.min
            for one in versions:
                first = world.first_snapshot(one.known)
                if one.settled < newest or first is None:
                    continue
                newest = one.settled
                self.settled[row, first:] = np.datetime64(one.settled)
                self.known[row, first:] = np.maximum(one.known, c.known[row, first:])
                until = int(np.searchsorted(world.dates, np.datetime64(one.settled) + FRESH, side="right"))
                on = slice(first, max(first, until))
                price = c.close[row, on] * c.split[row, on] / one.split
                for kept, shares in (
                    (self.short, one.short), (self.volume, one.volume), (self.change, one.change),
                    (self.traded, one.volume * one.sessions),
                ):  # fmt: skip
                    kept[row, first:] = np.nan
                    kept[row, on] = whole(shares * price)
                self.cover[row, first:] = np.nan
                self.cover[row, on] = np.where(
                    np.isnan(price), np.nan, one.short / one.volume if one.volume else np.nan
                )
        for kept in (self.short, self.volume, self.change, self.traded, self.cover):
            kept[~c.member] = np.nan
        self.settled[~c.member] = np.datetime64("NaT", "D")
        self.shares = np.where(np.isnan(self.short), np.nan, whole(c.diluted))
        for day in range(self.since, shape[1]):
            both = ~np.isnan(self.shares[:, day])
            sums = [c.by_issuer(np.where(both, kept[:, day], 0.0), day)[c.issuer] for kept in (self.short, self.shares)]
            with np.errstate(invalid="ignore", divide="ignore"):
                self.part[:, day] = np.where(both, sums[0] / sums[1], np.nan)

    def _told(self) -> tuple[dict[int, list[Told]], int]:
        world, c = self.world, self.c
        dated: dict[str, list[tuple[str, str, str]]] = {}
        for row in world.dated_symbols:
            end = row["valid_to"] or "9999-12-31"
            dated.setdefault(plain(row["symbol"]), []).append((row["valid_from"], end, row["instrument_id"]))
        renamed = {row["instrument_id"] for row in world.dated_symbols}
        always = {plain(name.removeprefix("EQ:")): name for name in c.names if name not in renamed}
        found: dict[int, list[Told]] = {}
        earliest = None
        for one in world.versions("finra_short_interest").iter_rows(named=True):
            day = one["settlement_date"]
            owner = next((o for start, end, o in dated.get(one["symbol"], []) if start <= str(day) < end), None)
            owner = owner or always.get(one["symbol"])
            if owner is None:
                continue
            known = micros(one["known_at"])
            earliest = known if earliest is None else min(earliest, known)
            row = c.row(owner)
            if row is None:
                continue
            at = world.session_on_or_before(day)
            before = world.session_on_or_before(
                day.replace(day=15) if day.day > 15 else day.replace(day=1) - timedelta(1)
            )
            now, then = c.split_at(row, at), c.split_at(row, before)
            is_known = not np.isnan(now + then) and one["is_split"] == (now != then)
            volume = one["average_daily_volume"] if is_known else np.nan
            if one["is_split"] and is_known:
                p = prices(world)[owner]
                inside = (p.at > before) & (p.at <= at)
                own = p.bars["volume"][inside] / p.split[inside] * now
                volume = own.mean() if inside.sum() == at - before else np.nan
            change = one["short_interest"] - one["previous_short_interest"] * now / then
            if not is_known or not one["previous_short_interest"] > 0:
                change = np.nan
            found.setdefault(row, []).append(Told(known, day, one["short_interest"], change, volume, at - before, now))
        assert earliest is not None
        since = world.first_snapshot(earliest)
        assert since is not None
        return {row: sorted(versions, key=lambda t: (t.known, t.settled)) for row, versions in found.items()}, since

    def sums(self, day: int, figure: np.ndarray, base: np.ndarray) -> tuple[float, int, float, float]:
        """Ratio, members used, their part of the trading, newest moment."""
        there = ~np.isnan(figure[:, day]) & (base[:, day] > 0)
        member = self.c.member[:, day]
        turnover = self.c.turnover[:, day]
        part = turnover[there].sum() / turnover[member].sum() if turnover[member].sum() else 0.0
        ratio = figure[there, day].sum() / base[there, day].sum() if there.any() else np.nan
        return ratio, int(there.sum()), part, float(self.known[member, day].max())

    def status(self, day: int, part: float, floor: str) -> str:
        """Why there is no figure of the universe on a day."""
        newest = self.newest(day)
        if newest is not None and (self.world.days[day] - newest).days > FRESH:
            return "STALE_INPUT"
        return "OK" if part >= float(self.c.universe[floor]) and part > 0 else "LOW_COVERAGE"

    def newest(self, day: int) -> date | None:
        """The newest settlement day known of any member."""
        held = self.settled[:, day][~np.isnat(self.settled[:, day])]
        return held.max().astype(date) if held.size else None

    def slopes(self) -> np.ndarray:
        """Slope on the index up to each session; NaN where a stock did not trade or has too few pairs."""
        world, found = self.world, np.full(self.c.close.shape, np.nan)
        index = volatility.headline(world)
        x = np.full(len(world.days), np.nan)
        x[index.at[1:]] = np.where(np.diff(index.at) == 1, index.ticks[1:] / index.ticks[:-1] - 1, np.nan)
        for row in self.told:
            p = prices(world)[self.c.names[row]]
            total = np.where(p.is_traded, p.total_return, np.nan)
            y = np.full(len(world.days), np.nan)
            y[p.at[1:]] = np.where(np.diff(p.at) == 1, total[1:] / total[:-1] - 1, np.nan)
            both = ~np.isnan(x) & ~np.isnan(y)
            for day in range(self.since, len(world.days)):
                inside = np.flatnonzero(both[day - YEAR + 1 : day + 1]) + day - YEAR + 1
                if both[day] and inside.size >= LEAST:
                    a, b = x[inside] - x[inside].mean(), y[inside] - y[inside].mean()
                    found[row, day] = (a * b).sum() / (a * a).sum()
        return found


@cache
def shorts(world: World) -> Shorts:
    """Of the default universe."""
    return Shorts(world)


def interest(world: World) -> pl.DataFrame:
    """FL12 and FL14."""
    s = shorts(world)
    on = np.arange(s.since, len(world.days))
    members = s.c.member[:, on].sum(axis=0)
    periods = np.array([np.datetime64(s.newest(day) or "NaT", "D") for day in on])
    frames = []
    for name, figure, base, floor, scale in (
        ("FL12_days_to_cover", s.short, s.volume, "coverage_floor", 1), ("FL12_share_short", s.short, s.shares, "reports_floor", 100),
        ("FL14_covering", s.change, s.traded, "coverage_floor", -100),
    ):  # fmt: skip
        told = [s.sums(day, figure, base) for day in on]
        words = np.array([s.status(day, part, floor) for day, (_, _, part, _) in zip(on, told, strict=True)])
        known = np.array([k for _, _, _, k in told])
        if name == "FL12_share_short":
            known = np.maximum(known, np.where(np.isnan(s.shares), 0, s.c.diluted_known)[:, on].max(axis=0))
        frames.append(
            shaped(
                name, s.c.universe["universe_id"], world, on, scale * np.array([r for r, _, _, _ in told]), words,
                [n for _, n, _, _ in told], members, known, periods,
            )
        )  # fmt: skip
    return pl.concat(frames)


def _tenths(s: Shorts, day: int, slope: np.ndarray) -> tuple[list[int], list[int], list[tuple[int, float]]]:
    """Rows most and least shorted on a day, and for each of the most the placebo's row and slope (-1: none)."""
    most: set[int] = set()
    least: set[int] = set()
    for figure in (s.cover[:, day], s.part[:, day]):
        held = sorted(np.flatnonzero(~np.isnan(figure)), key=lambda n: (-figure[n], s.c.names[n]))
        tenth = len(held) // 10
        most |= set(held[:tenth])
        least |= set(held[len(held) - tenth :]) if tenth else set()
    least -= most
    others = [n for n in np.flatnonzero(s.c.member[:, day] & ~np.isnan(slope[:, day])) if n not in most | least]
    matches = []
    for n in sorted(most):
        own = slope[n, day]
        near = min(others, key=lambda o: (abs(slope[o, day] - own), slope[o, day], s.c.names[o]), default=-1)
        matches.append((-1, np.nan) if np.isnan(own) or near < 0 else (near, slope[near, day]))
    return sorted(most), sorted(least), matches


def covering(world: World) -> pl.DataFrame:
    """FL13."""
    s, c = shorts(world), companies(world)
    slope = s.slopes()
    index = volatility.headline(world)
    level = index.along(index.ticks.astype(float), len(world.days))
    index_known = index.along(index.known.astype(float), len(world.days))
    total = np.full(c.close.shape, np.nan)
    for row, name in enumerate(c.names):
        if name in prices(world):
            p = prices(world)[name]
            total[row, p.at] = p.total_return
    total[:, np.isnan(level)] = np.nan
    rally = next(
        told for p, rule, told in rallies.histories(world)
        if p.instrument_id == index.instrument_id and rule["is_default"] == "true"
    )  # fmt: skip
    troughs = {int(index.at[n]): int(index.at[r.trough]) for n, r in enumerate(rally.open_then) if r is not None}
    floor = float(c.universe["history_coverage_floor"])
    settlements: dict[date, int] = {}  # and when the first position of each was known
    for one in [one for versions in s.told.values() for one in versions]:
        settlements[one.settled] = min(one.known, settlements.get(one.settled, one.known))
    tenths: dict[int, tuple[list[int], list[int], list[tuple[int, float]]]] = {}
    on = np.arange(max(s.since, c.sized_since), len(world.days))
    frames = []
    for kind in ("20", "trough"):
        rows: dict[str, list[float]] = {
            k: []
            for k in (
                "value",
                "placebo",
                "flag",
                "used",
                "used_placebo",
                "compared",
                "top",
                "both",
                "known",
                "known_flag",
            )
        }
        words: dict[str, list[str]] = {k: [] for k in ("value", "placebo", "flag")}
        periods = []
        for day in on:
            start = day - 20 if kind == "20" else troughs.get(int(day))
            word, most, least, matches = "OK", [], [], []
            if start is None:
                word = "UNDEFINED"
            elif start < s.since:
                word = "WARMUP"
            else:
                _, _, cover_part, _ = s.sums(start, s.short, s.volume)
                _, _, share_part, _ = s.sums(start, s.short, s.shares)
                reasons = [s.status(start, cover_part, "coverage_floor"), s.status(start, share_part, "reports_floor")]
                word = next((r for r in reasons if r != "OK"), "OK")
                if start not in tenths:
                    tenths[start] = _tenths(s, start, slope)
                most, least, matches = tenths[start]
                word = "LOW_COVERAGE" if word == "OK" and not most else word

            def beyond(row: int, beta: float, start: int | None = start, day: int = day) -> tuple[float, float]:
                held = np.flatnonzero(~np.isnan(total[row, : day + 1]))
                if row < 0 or start is None or not held.size:
                    return np.nan, 0.0
                end = held[-1]
                moved = total[row, end] / total[row, start] - 1 - beta * (level[end] / level[start] - 1)
                return moved, c.known[row, end]

            sides = {
                "top": [beyond(n, slope[n, start]) for n in most], "bottom": [beyond(n, slope[n, start]) for n in least],
                "placebo": [beyond(n, beta) for n, beta in matches],
            }  # fmt: skip
            moved = {k: np.array([m for m, _ in v]) for k, v in sides.items()}
            used = {k: int((~np.isnan(v)).sum()) for k, v in moved.items()}
            mean = {k: np.nanmean(v) if used[k] else np.nan for k, v in moved.items()}
            known = max([k for v in sides.values() for _, k in v] + [np.nan_to_num(index_known[day])])
            enough = {
                k: used[k] >= floor * len(most) and used["bottom"] >= floor * len(least) for k in ("top", "placebo")
            }
            rows["value"].append(100 * (mean["top"] - mean["bottom"]))
            rows["placebo"].append(100 * (mean["placebo"] - mean["bottom"]))
            words["value"].append(word if word != "OK" or enough["top"] else "LOW_COVERAGE")
            words["placebo"].append(word if word != "OK" or enough["placebo"] else "LOW_COVERAGE")
            rows["used"].append(used["top"] + used["bottom"])
            rows["used_placebo"].append(used["placebo"] + used["bottom"])
            rows["top"].append(len(most))
            rows["both"].append(len(most) + len(least))
            rows["known"].append(known)
            flag, compared, flag_known = _confirmed(s, day, start, most, settlements)
            newest = s.newest(day)
            rows["flag"].append(flag)
            rows["compared"].append(compared)
            rows["known_flag"].append(max(known, flag_known))
            periods.append(np.datetime64(newest or "NaT", "D"))
            if word == "OK" and (newest is None or start is None or newest <= world.days[start]):
                word = "NOT_PUBLISHED"
            words["flag"].append("LOW_COVERAGE" if word == "OK" and compared < floor * len(most) else word)
        told = [
            (f"FL13_{kind}", "value", "used", "both", "known", None),
            (f"FL13_placebo_{kind}", "placebo", "used_placebo", "both", "known", None),
        ]
        if kind == "trough":
            told.append(("FL13_confirmed_trough", "flag", "compared", "top", "known_flag", np.array(periods)))
        for name, value, n, expected, moment, period in told:
            frames.append(
                shaped(
                    name,
                    c.universe["universe_id"],
                    world,
                    on,
                    rows[value],
                    np.array(words[value]),
                    rows[n],
                    rows[expected],
                    rows[moment],
                    period,
                )
            )
    return pl.concat(frames)


def _confirmed(
    s: Shorts, day: int, start: int | None, most: list[int], settlements: dict[date, int]
) -> tuple[float, int, float]:
    """Whether the positions in the most shorted fell from before the start to now, of how many, and when it was known."""
    now = s.newest(day)
    if start is None or now is None or now <= s.world.days[start]:
        return np.nan, 0, 0.0
    moment, sums, n, known = s.world.snapshots[day], [0.0, 0.0], 0, 0.0
    earlier = [d for d, public in settlements.items() if d <= s.world.days[start] and public <= moment]
    for row in most:
        days = [max(earlier, default=None), now]
        held = [[one for one in s.told[row] if one.settled == d and one.known <= moment] for d in days]
        if all(held):
            dollars = [
                whole(np.float64(v[-1].short * s.c.split[row, start] / v[-1].split * s.c.close[row, start]))
                for v in held
            ]
            sums, n = [a + b for a, b in zip(sums, dollars, strict=True)], n + 1
            known = max(known, held[1][-1].known)
    return (float(sums[1] < sums[0]) if n else np.nan), n, known


def positioning(world: World) -> pl.DataFrame:
    """The mart: series with their z and percentile over two years, and the positions in futures."""
    every = pl.concat([interest(world), buybacks.yields(world), margin.debt(world)])
    frames = []
    for series in (
        *("FL07_gross", "FL09_debit", "FL09_yoy", "FL09_net_credit"),
        *("FL12_days_to_cover", "FL12_share_short", "FL14_covering"),
    ):
        one = every.filter(pl.col("reading_id") == series).sort("session_date")
        values = one["value"].fill_nan(None).to_numpy().astype(float)
        z, z_word, rank_word = np.full(values.size, np.nan), [], []
        rank = volatility.percentile(values, 504, 252)
        for n, (value, status) in enumerate(zip(values, one["status"], strict=True)):
            past = values[max(0, n - 504) : n]
            past = past[~np.isnan(past)]
            spread = past.std(ddof=1) if past.size > 1 else 0.0
            is_old = past.size >= 252
            z[n] = (value - past.mean()) / spread if is_old and spread > 1e-12 else np.nan
            z_word.append(
                status if status != "OK" else "WARMUP" if not is_old else "OK" if spread > 1e-12 else "UNDEFINED"
            )
            rank_word.append(status if status != "OK" else "WARMUP" if past.size + 1 < 252 else "OK")
        frames.append(
            one.select(
                pl.lit(series).alias("series_id"), "session_date", "value", "n_used", "n_expected", "status", "known_at",
                report_date="obs_period",
            ).with_columns(
                z=pl.Series(z).fill_nan(None), percentile=pl.Series(np.where(np.array(rank_word) == "OK", rank, np.nan)).fill_nan(None),
                status_z=pl.Series(z_word), status_percentile=pl.Series(rank_word),
            )
        )  # fmt: skip
    return pl.concat([*frames, futures.positioning(world).select(frames[0].columns)])
