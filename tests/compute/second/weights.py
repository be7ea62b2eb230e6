"""What each member of the default universe weighs, evening by evening: issuers, share counts, their source, sizes in dollars.

Belongs here: how many shares of which line count, whose count is believed, why none is. Does not: what a weight made of a
return (``contributions``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np
import polars as pl

from ingestion import registry
from second import breadth
from second.companies import plain
from second.facts import FOR_EVER, World, micros
from second.prices import Prices, prices

FILES = ("spy_holdings", "ivv_holdings")
SOURCES = (*FILES, "edgar_shares")  # the first of them that covers enough is believed
FRESH = 5  # sessions a file may be old
REPORT = timedelta(days=200)  # how long the end of a reported period may lie back
DILUTED = "WeightedAverageNumberOfDilutedSharesOutstanding"


@dataclass(frozen=True)
class Weighed:
    """Matrices of stocks by sessions, and per session whose shares counted.

    ``size``: dollars by the believed source at the close, NaN where there is none; ``known``: when that became known.
    """

    names: list[str]
    member: np.ndarray
    issuer: np.ndarray
    size: np.ndarray
    known: np.ndarray
    first: int  # the first session on which anything has a size
    source: np.ndarray  # None: no source covers enough
    status: np.ndarray
    n_sized: np.ndarray
    members: np.ndarray
    coverage: np.ndarray
    told_at: np.ndarray

    def at_close(self) -> np.ndarray:
        """Weights by the close of the session, among its members."""
        return self._shares(np.where(self.member, self.size, np.nan))

    def at_open(self) -> np.ndarray:
        """Weights by the close of the evening before, among the members of the session itself."""
        before = np.full(self.size.shape, np.nan)
        before[:, 1:] = self.size[:, :-1]
        return self._shares(np.where(self.member, before, np.nan))

    def known_at_open(self) -> np.ndarray:
        """When the newest became known of what a member weighed the evening before."""
        before = np.zeros(self.known.shape)
        before[:, 1:] = self.known[:, :-1]
        return before

    def _shares(self, sizes: np.ndarray) -> np.ndarray:
        whole = np.nansum(sizes, axis=0)
        return sizes / np.where(whole > 0, whole, np.nan)


def default_universe(world: World) -> dict[str, str]:
    """The universe whose members are weighed."""
    return next(u for u in world.seed("universes") if u["is_default"] == "true")


@cache
def weighed(world: World) -> Weighed:
    """The default universe over all sessions of the calendar."""
    universe = default_universe(world)
    stays = world.stays[universe["universe_id"]]
    stocks = {name: p for name, p in prices(world).items() if p.asset_class == "stock"}
    names = sorted(set(stays) | set(stocks))
    member = np.stack([world.mask(stays.get(name, [])) for name in names])
    issuer = issuers(world, names)
    sizes = {source: _sizes_of_files(world, source, names, stocks) for source in FILES}
    sizes["edgar_shares"] = _sizes_of_reports(world, names, stocks, member, issuer)
    anything = np.flatnonzero(np.any([~np.isnan(size) for size, _ in sizes.values()], axis=(0, 1)))
    traded, floor = breadth.turnovers_of(world, names, member), float(universe["weights_floor"])
    days = len(world.days)
    told = Weighed(
        names, member, issuer, np.full(member.shape, np.nan), np.zeros(member.shape), int(anything[0]),
        np.full(days, None, dtype=object), np.full(days, "NOT_AVAILABLE", dtype="<U13"), np.zeros(days),
        member.sum(axis=0).astype(float), np.zeros(days), world.snapshots.astype(float),
    )  # fmt: skip
    file_known = min(micros(m) for source in FILES for m in world.versions(source)["known_at"])
    for t in range(told.first, days):
        inside = np.flatnonzero(member[:, t])
        whole = traded[inside, t].sum()
        sized = {s: inside[~np.isnan(size[inside, t])] for s, (size, _) in sizes.items()}
        sums = {s: traded[rows, t].sum() for s, rows in sized.items() if rows.size and whole > 0}
        enough = [s for s in SOURCES if s in sums and sums[s] >= floor * whole]
        # of those that do not cover enough, the one that covers most is told
        best = enough[0] if enough else max(sums, key=lambda s: (sums[s], -SOURCES.index(s)), default="")
        if best:
            told.n_sized[t], told.coverage[t] = sized[best].size, round(sums[best] / whole, 6)
            told.told_at[t] = sizes[best][1][sized[best], t].max()
        if enough:
            told.source[t], told.status[t] = best, "OK"
            told.size[:, t], told.known[:, t] = sizes[best][0][:, t], sizes[best][1][:, t]
        elif file_known <= world.snapshots[t] and not any(s in sums for s in FILES):
            told.status[t] = "STALE_INPUT"
        elif best:
            told.status[t] = "LOW_COVERAGE"
    return told


def issuers(world: World, names: list[str]) -> np.ndarray:
    """The issuer of each line per session, as the list of members numbered it; the first number speaks for the past too."""
    found = np.array([[name] * len(world.days) for name in names], dtype=object)
    row = {name: n for n, name in enumerate(names)}
    seen: set[str] = set()
    listed = world.versions("sp500_constituents").filter(pl.col("cik").is_not_null())
    for told in listed.iter_rows(named=True):
        name = world.owner(told["symbol"])
        start = world.first_snapshot(micros(told["known_at"])) if name in seen else 0
        if name in row and start is not None:
            found[row[name], start:] = f"CIK:{told['cik']}"
        seen.add(name)
    return found


def _in_dollars(p: Prices, shares: float, unit: int, on: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bars of the sessions ``on``, and what ``shares`` of the session ``unit`` are worth at their closes.

    A split between the two multiplies the shares. Nothing for a line that did not trade yet when its shares were counted.
    """
    bars = np.flatnonzero(np.isin(p.at, on))
    then = int(np.searchsorted(p.at, unit, side="right")) - 1
    if then < 0:
        return bars[:0], np.empty(0)
    return bars, shares * p.split[bars] / p.split[then] * p.bars["close"][bars]


def _earliest(rows: pl.DataFrame) -> int:
    return min(micros(moment) for moment in rows["known_at"])


def _sizes_of_files(
    world: World, source: str, names: list[str], stocks: dict[str, Prices]
) -> tuple[np.ndarray, np.ndarray]:
    """By the newest file a snapshot knew, of a day not more than five sessions before."""
    size, known = np.full((len(names), len(world.days)), np.nan), np.zeros((len(names), len(world.days)))
    rows, key = world.versions(source), registry.source(source).key
    for (as_of,), file in rows.sort("as_of_date").group_by(["as_of_date"], maintain_order=True):
        of_day = world.session_on_or_before(as_of)
        told = world.first_snapshot(_earliest(file))
        if told is None:
            continue
        symbols = {plain(name.removeprefix("EQ:")): name for name in names}
        for dated in world.dated_symbols:
            if dated["valid_from"] <= str(as_of) < (dated["valid_to"] or str(FOR_EVER)):
                symbols[plain(dated["symbol"])] = dated["instrument_id"]
        for t in range(max(told, of_day), min(of_day + FRESH, len(world.days) - 1) + 1):
            size[:, t] = np.nan  # a newer file speaks alone
            as_known = file.filter(pl.col("known_at").dt.timestamp("us") <= int(world.snapshots[t]))
            lines = as_known.unique(key, keep="last", maintain_order=True)
            lines = lines.filter(pl.col("is_equity"), pl.col("shares_held") > 0)
            held: dict[str, tuple[float, int]] = {}
            for line in lines.iter_rows(named=True):
                name = symbols.get(plain(line["ticker"] or ""))
                if name in stocks:
                    before, told_at = held.get(name, (0.0, 0))
                    held[name] = before + line["shares_held"], max(told_at, micros(line["known_at"]))
            for name, (shares, told_at) in held.items():
                p, row = stocks[name], names.index(name)
                bars, worth = _in_dollars(p, shares, of_day, np.array([t]))
                size[row, p.at[bars]] = worth
                known[row, p.at[bars]] = np.maximum(p.known[bars], told_at)
    return size, known


def _sizes_of_reports(
    world: World, names: list[str], stocks: dict[str, Prices], member: np.ndarray, issuer: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """By the diluted shares of the newest period reported, divided equally among the lines that were members then."""
    size, known = np.full(member.shape, np.nan), np.zeros(member.shape)
    in_one = {r["issuer_id"]: float(r["lines_per_share"]) for r in world.seed("share_units")}
    lines = np.where(member, issuer, "")
    # who joins at the next session opens with what it weighs this evening; a company that has a line here already holds
    # all its shares in that one
    joins = np.zeros(member.shape, dtype=bool)
    joins[:, :-1] = member[:, 1:] & ~member[:, :-1]
    rows = world.versions("sec_companyconcept").filter(pl.col("concept") == DILUTED, pl.col("value") > 0)
    for (cik,), told in rows.group_by(["cik"], maintain_order=True):
        whose = f"CIK:{cik}"
        is_line = lines == whose
        is_line |= joins & (issuer == whose) & ~is_line.any(axis=0)
        if not is_line.any():
            continue
        share = in_one.get(whose, 1.0) / np.maximum(is_line.sum(axis=0), 1)
        # of one filing the newest period, and of that the shortest; a later filing about an older period says nothing
        filings = (
            told.sort("period_end", "period_start").group_by("known_at", maintain_order=True).last().sort("known_at")
        )
        newest, speaking = None, []
        for filing in filings.iter_rows(named=True):
            if newest is None or filing["period_end"] >= newest:
                newest = filing["period_end"]
                speaking.append((world.first_snapshot(micros(filing["known_at"])), filing))
        for n, (start, filing) in enumerate(speaking):
            if start is None:
                continue
            later = [s for s, _ in speaking[n + 1 :] if s is not None]
            until = min([*later, len(world.days)])
            span = np.arange(start, until)
            span = span[world.dates[span] < np.datetime64(filing["period_end"] + REPORT)]
            for row in np.flatnonzero(is_line[:, span].any(axis=1)):
                p = stocks.get(names[row])
                if p is None:
                    continue
                on = span[is_line[row, span]]
                bars, worth = _in_dollars(p, filing["value"], world.session_on_or_before(filing["filed"]), on)
                size[row, p.at[bars]] = worth * share[p.at[bars]]
                known[row, p.at[bars]] = np.maximum(p.known[bars], micros(filing["known_at"]))
    return size, known
