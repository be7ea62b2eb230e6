"""What companies file: fiscal quarters as vintages, years of four quarters, surprises that need no forecast; EA11 and EA14.

Belongs here: figures made of the lines of statements alone (EDGAR). Does not: what analysts count and expect
(``earnings``), who is a member and what it is worth (``companies``).

A quarter is found by going from filing to filing and asking of each quarter what is best known of it then. That is another
way than the model's, which lists all pairs of spans at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from second.companies import companies
from second.facts import World, micros
from second.prices import Prices, prices
from second.readings import shaped

FORMS = [f"{form}{amended}" for form in ("10-Q", "10-K", "10-QT", "10-KT", "8-K") for amended in ("", "/A")]
INCOME, PER_SHARE, INVESTED = "NetIncomeLoss", "EarningsPerShareDiluted", "PaymentsToAcquirePropertyPlantAndEquipment"
UNITS = {INCOME: "USD", INVESTED: "USD", PER_SHARE: "USD/shares"}
SHARES = "WeightedAverageNumberOfDilutedSharesOutstanding"
# days of one to four quarters; a quarter has 12 to 17 weeks
LENGTHS = ((80, 119), (160, 200), (245, 290), (350, 380))
WINDOW, BEFORE, LEAST = 63, 8, 20  # sessions of filings, differences a deviation needs, surprises a median needs
FRESH, OF_THEME = 200, 0.75  # days since the newest quarter ended, share of a theme's companies


def quarter_no(end: date) -> int:
    """The calendar quarter in which the middle of a fiscal quarter lies: year times four and 0 to 3."""
    middle = end - timedelta(45)
    return middle.year * 4 + (middle.month - 1) // 3


class Telling(NamedTuple):
    """A span as one filing tells it."""

    start: date
    end: date
    value: float
    known: int
    filed: date
    accession: str
    shares: float | None
    quarters: int

    @property
    def generation(self) -> int:
        """0 told when new, 1 a year later, and so on."""
        return ((self.filed - self.end).days + 65) // 365


@dataclass(frozen=True)
class Quarter:
    """One version of a quarter: it stands from ``known`` until the next version of the same ``end``."""

    start: date
    end: date
    value: float
    known: int
    filed: date


class _Best(NamedTuple):
    """A way to a quarter's figure; the larger of two is the better one."""

    is_told: bool
    is_one_generation: bool
    filed: date
    accession: str
    start: date
    value: float


def _how_many(start: date, end: date) -> int:
    """Quarters in a span; 0 for a span of no use."""
    days = (end - start).days + 1
    return next((n for n, (least, most) in enumerate(LENGTHS, 1) if least <= days <= most), 0)


def _tellings(world: World, concept: str) -> dict[int, list[Telling]]:
    rows = world.versions("sec_companyconcept").filter(pl.col("form").is_in(FORMS))
    means: dict[tuple[int, str, date, date], float] = {}
    for row in rows.filter(pl.col("concept") == SHARES, pl.col("unit") == "shares").iter_rows(named=True):
        means.setdefault((row["cik"], row["accession"], row["period_start"], row["period_end"]), row["value"])
    rows = rows.filter(pl.col("concept") == concept, pl.col("unit") == UNITS[concept])
    assert rows["first_seen_at"].n_unique() == 1, "answers of several evenings, which are not computed here"
    found: dict[int, dict[tuple[date, date, int], Telling]] = defaultdict(dict)
    for row in rows.iter_rows(named=True):
        span = (row["cik"], row["accession"], row["period_start"], row["period_end"])
        one = Telling(
            row["period_start"], row["period_end"], row["value"], micros(row["known_at"]), row["filed"],
            row["accession"], means.get(span), _how_many(row["period_start"], row["period_end"]),
        )  # fmt: skip
        at = (one.start, one.end, one.known)
        other = found[row["cik"]].get(at)
        if other is None or (other.filed, other.accession, -other.value) < (one.filed, one.accession, -one.value):
            found[row["cik"]][at] = one
    return {cik: sorted(by.values(), key=lambda one: one.known) for cik, by in found.items()}


def _fit(long: Telling, short: Telling, is_per_share: bool) -> bool:
    """Whether the shorter span begins the longer one, lacks a quarter of it, and is in the same shares."""
    if long.start != short.start or short.quarters == 0 or short.quarters != long.quarters - 1:
        return False
    if not 80 <= (long.end - short.end).days <= 119:
        return False
    if not is_per_share:
        return True
    return bool(long.shares and short.shares and 0.9 <= long.shares / short.shares <= 1.1)


@cache
def quarters(world: World, concept: str) -> dict[int, list[Quarter]]:
    """Company → versions of its quarters in the order in which they were known."""
    return {cik: list(_versions(told, concept)) for cik, told in _tellings(world, concept).items()}


def _versions(told: list[Telling], concept: str) -> Iterator[Quarter]:
    current: dict[tuple[date, date], Telling] = {}
    anew: list[Telling] = []  # tellings with another figure than the one before
    ways: dict[date, list[_Best]] = defaultdict(list)
    shown: dict[date, float] = {}
    moments: dict[int, list[Telling]] = defaultdict(list)
    for one in told:
        moments[one.known].append(one)
    for known in sorted(moments):
        for one in moments[known]:
            before = current.get((one.start, one.end))
            if before is not None and before.value != one.value:
                anew.append(one)
            current[one.start, one.end] = one
        now: dict[date, list[_Best]] = defaultdict(list)
        for one in moments[known]:
            if one.quarters == 1:
                now[one.end].append(_Best(True, True, one.filed, one.accession, one.start, one.value))
            for other in current.values():
                # a pair told together is found from its longer span
                pair = (one, other) if one.quarters > other.quarters else (other, one)
                if not _fit(*pair, concept == PER_SHARE) or (other.known == known and one is not pair[0]):
                    continue
                long, short = pair
                inside = (
                    c for c in anew
                    if short.start <= c.start and c.end <= short.end and (c.start, c.end) != (short.start, short.end)
                )  # fmt: skip
                if any(short.known < c.known <= long.known for c in inside):
                    continue
                later = short if short.known > long.known else long
                now[long.end].append(
                    _Best(
                        False, long.generation == short.generation, max(long.filed, short.filed), later.accession,
                        short.end + timedelta(1), round(long.value - short.value, 6),
                    )
                )  # fmt: skip
        for end in sorted(now):
            ways[end] += now[end]
            best = max(now[end])
            is_allowed = best[:2] >= max(way[:2] for way in ways[end])
            if is_allowed and shown.get(end) != best.value:
                shown[end] = best.value
                yield Quarter(best.start, end, best.value, known, best.filed)


def as_known(versions: list[Quarter], known: int) -> dict[date, Quarter]:
    """End of a quarter → its version at a moment."""
    return {one.end: one for one in versions if one.known <= known}


@cache
def years(world: World, concept: str) -> dict[int, list[tuple[int, date, float | None, float | None]]]:
    """Company → (moment, end of the newest quarter, its year, the year before), in the order of the moments."""
    found: dict[int, list[tuple[int, date, float | None, float | None]]] = {}
    for cik, versions in quarters(world, concept).items():
        for known in sorted({one.known for one in versions}):
            held = as_known(versions, known)
            ends = sorted(held, reverse=True)[:8]
            whole = 1
            while whole < len(ends) and -2 <= (held[ends[whole - 1]].start - ends[whole]).days <= 4:
                whole += 1
            values = [held[end].value for end in ends]
            found.setdefault(cik, []).append(
                (known, ends[0], sum(values[:4]) if whole >= 4 else None, sum(values[4:]) if whole == 8 else None)
            )
    return found


@cache
def _first_line(world: World, cik: int) -> Prices | None:
    c = companies(world)
    return prices(world).get(min(name for name, other in zip(c.names, c.cik, strict=True) if other == cik))


@cache
def _factor(world: World, cik: int, day: date) -> float:
    """The split factor of a company's first line on a day; 1 before its first bar."""
    p = _first_line(world, cik)
    n = -1 if p is None else int(np.searchsorted(p.at, world.session_on_or_before(day), side="right")) - 1
    return 1.0 if p is None or n < 0 else float(p.split[n])


@cache
def surprises(world: World) -> dict[int, list[tuple[date, int, float]]]:
    """Company → (end, moment, surprise) of each quarter with nine seasonal differences, as it was first filed."""
    found: dict[int, list[tuple[date, int, float]]] = defaultdict(list)
    lines = set(companies(world).cik)
    for cik, versions in quarters(world, PER_SHARE).items():
        assert cik in lines, f"{cik} files and is in no list"
        firsts: dict[int, Quarter] = {}
        for one in versions:
            firsts.setdefault(quarter_no(one.end), one)
        for number, first in firsts.items():
            own = _factor(world, cik, first.filed)
            held = as_known(versions, first.known)
            eps = {quarter_no(end): q.value * _factor(world, cik, q.filed) / own for end, q in held.items()}
            assert len(eps) == len(held), f"{cik}: two quarters in one calendar quarter, which is not computed here"
            steps = [
                round(eps[n] - eps[n - 4], 6) if n in eps and n - 4 in eps else np.nan
                for n in range(number - BEFORE, number + 1)
            ]
            spread = np.std(steps[:-1], ddof=1)
            if not np.isnan(steps).any() and spread > 1e-12:
                found[cik].append((first.end, first.known, round(float(steps[-1] / spread), 6)))
    return {cik: sorted(told) for cik, told in found.items()}


def seasonal(world: World) -> pl.DataFrame:
    """EA11: of the members whose newest surprise was filed within 63 sessions."""
    c, told = companies(world), surprises(world)
    on = np.arange(c.sized_since, len(world.days))
    middle, above, used, expected, known = (np.full(on.size, np.nan) for _ in range(5))
    for k, n in enumerate(on):
        ciks = {c.cik[row] for row in np.flatnonzero(c.member[:, n])} - {None}
        newest = [max((s for s in told.get(cik or 0, []) if s[1] <= world.snapshots[n]), default=None) for cik in ciks]
        inside = [s for s in newest if s is not None and s[1] > world.snapshots[n - WINDOW]]
        values = np.array([value for _, _, value in inside])
        used[k], expected[k] = values.size, len(ciks)
        known[k] = max((moment for _, moment, _ in inside), default=0)
        if values.size:
            middle[k], above[k] = np.median(values), 100 * (values > 0).mean()
    word = np.where(used < LEAST, "LOW_COVERAGE", "OK")
    name = c.universe["universe_id"]
    return pl.concat(
        [
            shaped(reading_id, name, world, on, value, word, used, expected, known)
            for reading_id, value in (("EA11_median", middle), ("EA11_positive", above))
        ]
    )


def invested(world: World) -> pl.DataFrame:
    """EA14: what the companies of two themes invest."""
    c, told, frames = companies(world), years(world, INVESTED), []
    themes = world.seed("basket_members")
    for basket in ("chips", "megacap_technology"):
        rows = []
        for n in range(c.sized_since, len(world.days)):
            names = {
                row["instrument_id"] for row in themes
                if row["basket_id"] == basket and row["valid_from"] <= str(world.days[n]) < (row["valid_to"] or "9999")
            }  # fmt: skip
            ciks = {c.cik[c.names.index(name)] for name in names if name in c.names} - {None}
            if not ciks:
                continue
            known_then = [[y for y in told.get(cik or 0, []) if y[0] <= world.snapshots[n]] for cik in ciks]
            held = [ys[-1] for ys in known_then if ys]
            fresh = [y for y in held if (world.days[n] - y[1]).days <= FRESH]
            year = [y[2] for y in fresh if y[2] is not None]
            both = [(y[2], y[3]) for y in fresh if y[2] is not None and y[3] is not None]
            before = sum(b for _, b in both)
            growth = 100 * (sum(a for a, _ in both) / before - 1) if before else np.nan
            rows.append(
                (n, sum(year) / 1e9, len(year), growth, len(both), len(ciks), max((y[0] for y in held), default=0))
            )
        on, sums, with_year, changes, with_both, expected, known = (np.array(x) for x in zip(*rows, strict=True))
        for reading_id, value, used in (("EA14_year", sums, with_year), ("EA14_growth", changes, with_both)):
            word = np.where(used < OF_THEME * expected, "LOW_COVERAGE", "OK")
            frames.append(shaped(reading_id, basket, world, on, value, word, used, expected, known))
    return pl.concat(frames)
