"""The members as companies: issuers, last quarter's trading, what each is worth by its reports, what it weighs.

Belongs here: matrices of stocks by sessions that several families of readings need. Does not: readings.
In this world no issuer ever changed its number; that is asserted, not computed.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from second import breadth
from second.facts import World, micros
from second.prices import prices

SHARES = "WeightedAverageNumberOfDilutedSharesOutstanding"
STALE_DAYS = 200  # from the end of a reported quarter


def plain(symbol: str) -> str:
    """A symbol without dots and hyphens."""
    return "".join(c for c in symbol if c.isdigit() or c.isupper())


def whole(x: np.ndarray) -> np.ndarray:
    """Whole dollars; their sums are exact in doubles."""
    return np.sign(x) * np.floor(np.abs(x) + 0.5)


class Companies:
    """Members of the default universe: stocks (rows, ``names``) by sessions of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.universe = next(u for u in world.seed("universes") if u["is_default"] == "true")
        stays = world.stays[self.universe["universe_id"]]
        self.names = sorted(stays)
        shape = (len(self.names), len(world.days))
        self.member = np.stack([world.mask(stays[name]) for name in self.names])
        self.close, self.split, self.known = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
        for row, name in enumerate(self.names):
            if name in prices(world):
                p = prices(world)[name]
                self.close[row, p.at], self.split[row, p.at], self.known[row, p.at] = p.bars["close"], p.split, p.known
        ciks: dict[str, set[int]] = {}
        for line in world.versions("sp500_constituents").iter_rows(named=True):
            if line["cik"] is not None:
                ciks.setdefault(world.owner(line["symbol"]), set()).add(line["cik"])
        assert all(len(told) == 1 for told in ciks.values()), "an issuer's number changed, which is not computed here"
        self.cik = [min(ciks[name]) if name in ciks else None for name in self.names]
        issuers = [f"CIK:{cik}" if cik else name for name, cik in zip(self.names, self.cik, strict=True)]
        self.issuer = np.unique(issuers, return_inverse=True)[1]
        self.turnover = breadth.turnovers_of(world, self.names, self.member)
        self.diluted, self.diluted_known = self._diluted()

    def row(self, name: str) -> int | None:
        """The row of a stock; None for who never was a member."""
        return self.names.index(name) if name in self.names else None

    def split_at(self, row: int, session: int) -> float:
        """The split factor of the last bar by a session; NaN before the first."""
        held = np.flatnonzero(~np.isnan(self.split[row, : session + 1]))
        return float(self.split[row, held[-1]]) if held.size else np.nan

    def by_issuer(self, values: np.ndarray, day: int) -> np.ndarray:
        """Sums over the members of a session, per issuer."""
        there = np.where(self.member[:, day], np.nan_to_num(values), 0.0)
        return np.bincount(self.issuer, weights=there, minlength=self.issuer.max() + 1)

    def _diluted(self) -> tuple[np.ndarray, np.ndarray]:
        """Market value by the newest report, divided among an issuer's lines; and when it was known."""
        world, size, known = self.world, np.full(self.close.shape, np.nan), np.zeros(self.close.shape)
        assert not world.seed("share_units"), "shares in units of another line, which is not computed here"
        facts = world.versions("sec_companyconcept").filter(pl.col("concept") == SHARES, pl.col("value") > 0)
        by_cik: dict[int, dict[int, tuple[date, date, date, float]]] = {}
        for one in facts.iter_rows(named=True):
            filings = by_cik.setdefault(one["cik"], {})
            moment = micros(one["known_at"])
            telling = (one["period_end"], one["period_start"], one["filed"], one["value"])
            filings[moment] = max(filings.get(moment, telling), telling)
        for cik, filings in by_cik.items():
            rows = [n for n, other in enumerate(self.cik) if other == cik]
            newest = date.min
            for moment, (period_end, _, filed, value) in sorted(filings.items()):
                first = world.first_snapshot(moment)
                if period_end < newest or first is None:
                    continue
                newest = period_end
                until = int(np.searchsorted(world.dates, np.datetime64(period_end) + STALE_DAYS))
                unit = world.session_on_or_before(filed)
                lines = np.maximum(self.member[rows].sum(axis=0), 1)
                for row in rows:
                    on = np.arange(first, max(first, until))
                    then = self.split_at(row, unit)
                    size[row, first:] = np.nan
                    size[row, on] = value / lines[on] * self.split[row, on] / then * self.close[row, on]
                    known[row, first:] = np.maximum(moment, self.known[row, first:])
        there = self.member & ~np.isnan(size)
        return np.where(there, size, np.nan), np.where(there, known, 0)

    @property
    def sized_since(self) -> int:
        """The first session with a market value."""
        return int(np.flatnonzero((~np.isnan(self.diluted)).any(axis=0))[0])

    def fund_sizes(self, dataset: str) -> tuple[np.ndarray, np.ndarray]:
        """What a fund's newest file, five sessions old at most, says each member is worth; and when it was known."""
        world, size, known = self.world, np.full(self.close.shape, np.nan), np.zeros(self.close.shape)
        held = {plain(name.removeprefix("EQ:")): row for row, name in enumerate(self.names)}
        rows = world.newest(dataset).filter(pl.col("is_equity") & (pl.col("shares_held") > 0)).sort("as_of_date")
        for (day,), file in rows.group_by(["as_of_date"], maintain_order=True):
            moment = micros(file["known_at"].min())  # type: ignore[arg-type]
            first, at = world.first_snapshot(moment), world.session_on_or_before(day)  # type: ignore[arg-type]
            on = np.arange(len(world.days) if first is None else max(first, at), min(at + 6, len(world.days)))
            size[:, on], known[:, on] = np.nan, 0
            for ticker, shares in file.select("ticker", "shares_held").iter_rows():
                row = held.get(plain(ticker))
                if row is not None:
                    value = shares * self.split[row, on] / self.split_at(row, at) * self.close[row, on]
                    size[row, on] = value
                    known[row, on] = np.maximum(moment, self.known[row, on])
        there = self.member & ~np.isnan(size)
        return np.where(there, size, np.nan), np.where(there, known, 0)

    def weights(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What each member weighs at the close (NaN: no weights), why not per session, and when its source was known."""
        world = self.world
        sources = [self.fund_sizes("spy_holdings"), self.fund_sizes("ivv_holdings"), (self.diluted, self.diluted_known)]
        files = [micros(known) for name in ("spy_holdings", "ivv_holdings") for known in world.newest(name)["known_at"]]
        weight = np.full(self.close.shape, np.nan)
        status, moment = np.full(len(world.days), "NOT_AVAILABLE", dtype="<U13"), world.snapshots.astype(float)
        floor = float(self.universe["weights_floor"])
        for day in range(self.sized_since, len(world.days)):
            total = (self.turnover[:, day] * self.member[:, day]).sum()
            covered = [(self.turnover[:, day] * ~np.isnan(size[:, day])).sum() for size, _ in sources]
            enough = [n for n in range(3) if covered[n] and covered[n] >= floor * total]
            best = enough[0] if enough else max(range(3), key=lambda n: (covered[n], -n)) if max(covered) else None
            if best is not None:
                moment[day] = sources[best][1][:, day].max()
            if enough:
                size = whole(sources[enough[0]][0][:, day])
                weight[:, day], status[day] = sources[enough[0]][0][:, day] / np.nansum(size), "OK"
            elif files and min(files) <= world.snapshots[day] and best in (None, 2):
                status[day] = "STALE_INPUT"
            elif best is not None:
                status[day] = "LOW_COVERAGE"
        return weight, status, moment


@cache
def companies(world: World) -> Companies:
    """Those of the default universe."""
    return Companies(world)
