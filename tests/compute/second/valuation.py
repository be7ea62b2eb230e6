"""What the index costs and where its return came from: the readings VA01 to VA09, ``valuation_daily``, ``return_decomposition``.

Belongs here: earnings, forecasts and sizes company by company from filings and askings; yields, gaps, places in history; the
terms of a return. Does not: yields of bonds (``rates``), prices, rallies.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from second import breadth, leadership, rallies
from second.facts import World, micros
from second.prices import Prices, prices
from second.rates import known_values
from second.readings import shaped

TEN_YEARS = 2520
OLDEST_REPORT = timedelta(days=200)
FORMS = ("10-Q", "10-Q/A", "10-K", "10-K/A", "10-QT", "10-QT/A", "10-KT", "10-KT/A", "8-K", "8-K/A")
OTHERS = {"gap": "DFII10", "nominal": "DGS10", "cash": "DGS3MO"}
WINDOWS = {"20d": "_20", "since_trough": "_trough"}


class Filing(NamedTuple):
    """One figure of a filing."""

    known: int
    filed: date
    accession: str
    start: date
    end: date
    value: float


class Year(NamedTuple):
    """Four quarters as they stood from ``known`` on; ``total`` is None unless four follow one another."""

    known: int
    end: date
    total: float | None


def _filings(world: World, concept: str) -> dict[int, list[Filing]]:
    """By company, oldest news first. All came with one answer here, so each counts from the date of its filing."""
    rows = world.versions("sec_companyconcept").filter(pl.col("concept") == concept)
    assert rows["first_seen_at"].n_unique() == 1, "figures of a later answer count from when it came: tell it here"
    found: dict[int, list[Filing]] = defaultdict(list)
    for r in rows.filter(pl.col("form").is_in(FORMS)).iter_rows(named=True):
        found[r["cik"]].append(
            Filing(micros(r["known_at"]), r["filed"], r["accession"], r["period_start"], r["period_end"], r["value"])
        )
    return {cik: sorted(told) for cik, told in found.items()}


def _quarters_long(f: Filing) -> int:
    days = (f.end - f.start).days + 1
    return next((n for n, (a, b) in enumerate(((80, 119), (160, 200), (245, 290), (350, 380)), 1) if a <= days <= b), 0)


def _age(f: Filing) -> int:
    """0: told when it was new; 1: told again a year later."""
    return ((f.filed - f.end).days + 65) // 365


@cache
def years(world: World) -> dict[int, list[Year]]:
    """Net income of four quarters by company, whenever a quarter was told or told anew."""
    found = {}
    for cik, filings in _filings(world, "NetIncomeLoss").items():
        spans: dict[tuple[date, date], Filing] = {}
        corrected: list[Filing] = []  # told again, with another figure
        quarters: dict[date, tuple[int, date, float]] = {}  # end → (how well it is known, start, value)
        told: list[Year] = []
        for moment in sorted({f.known for f in filings}):
            before = dict(quarters)
            for f in filings:
                if f.known == moment:
                    if spans.get((f.start, f.end), f).value != f.value:
                        corrected.append(f)
                    spans[f.start, f.end] = f
            for f in [f for f in spans.values() if f.known == moment and _quarters_long(f) == 1]:
                quarters[f.end] = (2, f.start, f.value)
            for whole in spans.values():
                for part in spans.values():
                    fits = whole.start == part.start and _quarters_long(part) == _quarters_long(whole) - 1 > 0
                    if not fits or moment not in (whole.known, part.known):
                        continue
                    # the longer span holds a correction inside the shorter one, which was told before it
                    is_mixed = any(
                        part.start <= f.start and f.end <= part.end and (f.start, f.end) != (part.start, part.end)
                        and part.known < f.known <= whole.known
                        for f in corrected
                    )  # fmt: skip
                    if not is_mixed and 80 <= (whole.end - part.end).days <= 119:
                        rank = 1 if _age(whole) == _age(part) else 0
                        if rank >= quarters.get(whole.end, (0,))[0]:
                            quarters[whole.end] = (rank, part.end + timedelta(days=1), whole.value - part.value)
            if {k: v[2] for k, v in before.items()} != {k: v[2] for k, v in quarters.items()}:
                last = [(end, *quarters[end][1:]) for end in sorted(quarters, reverse=True)[:4]]
                follow = all(-2 <= (a[1] - b[0]).days <= 4 for a, b in pairwise(last))
                total = sum(q[2] for q in last) if len(last) == 4 and follow else None
                told.append(Year(moment, last[0][0], total))
        found[cik] = told
    return found


@cache
def _reports_of_shares(world: World) -> dict[int, list[Filing]]:
    """Diluted shares by company: each filing's newest and shortest period, as long as no newer one was told before."""
    found = {}
    for cik, filings in _filings(world, "WeightedAverageNumberOfDilutedSharesOutstanding").items():
        newest: list[Filing] = []
        for moment in sorted({f.known for f in filings if f.value > 0}):
            best = max((f for f in filings if f.known == moment and f.value > 0), key=lambda f: (f.end, f.start))
            if not newest or best.end >= newest[-1].end:
                newest.append(best)
        found[cik] = newest
    return found


def _fiscal(end: date) -> int:
    """The calendar quarter in which the middle of a fiscal quarter lies."""
    middle = end - timedelta(days=45)
    return middle.year * 4 + (middle.month - 1) // 3


@cache
def askings(world: World) -> dict[str, list[tuple[int, int, float | None]]]:
    """Stock → (known, session of the asking, earnings per share of the next four unreported quarters)."""
    reported: dict[tuple[str, int], int] = {}
    for r in world.versions("nasdaq_earnings_calendar").iter_rows(named=True):
        if r["is_present"] and r["eps"] is not None and r["fiscal_end"] is not None:
            key = (world.owner(r["symbol"], r["report_date"]), _fiscal(r["fiscal_end"]))
            reported[key] = min(micros(r["known_at"]), reported.get(key, micros(r["known_at"])))
    told: dict[tuple[str, date], list[tuple[date, float | None, int]]] = defaultdict(list)
    for r in world.versions("nasdaq_forecast").iter_rows(named=True):
        if r["period_kind"] == "quarter":
            row = (r["fiscal_end"], r["consensus_eps"], micros(r["known_at"]))
            told[world.owner(r["symbol"], r["asked_on"]), r["asked_on"]].append(row)
    found: dict[str, list[tuple[int, int, float | None]]] = defaultdict(list)
    for (name, day), rows in sorted(told.items()):
        ahead = [r for r in sorted(rows) if reported.get((name, _fiscal(r[0])), r[2] + 1) > r[2]][:4]
        if not ahead:
            continue
        whole = len(ahead) == 4 and [_fiscal(r[0]) - _fiscal(ahead[0][0]) for r in ahead] == [0, 1, 2, 3]
        figures = [r[1] for r in ahead if r[1] is not None]
        total = sum(figures) if whole and len(figures) == 4 else None
        found[name].append((max(r[2] for r in ahead), world.session_on_or_before(day), total))
    return found


@dataclass(frozen=True)
class Companies:
    """Issuers by sessions; NaN where an issuer has none. ``known`` is of the newest of the figures it goes with."""

    first: int
    lines: np.ndarray
    turnover: np.ndarray
    size: np.ndarray
    amount: dict[str, np.ndarray]
    known: dict[str, np.ndarray]


@cache
def companies(world: World) -> Companies:
    """What each issuer of the default universe costs, earned and is expected to earn."""
    universe = next(u["universe_id"] for u in world.seed("universes") if u["is_default"] == "true")
    stocks = breadth.all_stocks(world)
    member = np.stack([world.mask(world.stays[universe].get(name, [])) for name in stocks.names])
    turnover = np.where(member, breadth.turnovers(world, stocks.turnover, member), 0)
    numbers: dict[str, set[int]] = defaultdict(set)
    for r in world.versions("sp500_constituents").iter_rows(named=True):
        if r["cik"] is not None:
            numbers[world.owner(r["symbol"])].add(r["cik"])
    assert all(len(ciks) == 1 for ciks in numbers.values()), "an issuer changed its number: date it here"
    groups: dict[Any, list[int]] = defaultdict(list)
    for row, name in enumerate(stocks.names):
        groups[next(iter(numbers[name])) if name in numbers else name].append(row)
    shape = (len(groups), len(world.days))
    made = Companies(
        0, np.zeros(shape), np.zeros(shape), np.full(shape, np.nan),
        {kind: np.full(shape, np.nan) for kind in ("", "_fwd")}, {kind: np.zeros(shape) for kind in ("", "_fwd")},
    )  # fmt: skip
    for n, (cik, rows) in enumerate(groups.items()):
        held = member[rows]
        made.lines[n], made.turnover[n] = held.sum(axis=0), turnover[rows].sum(axis=0)
        if isinstance(cik, int):
            _fill(world, made, n, cik, [stocks.names[row] for row in rows], held)
    first = int(np.flatnonzero(~np.isnan(made.size).all(axis=0))[0])
    return Companies(first, made.lines, made.turnover, made.size, made.amount, made.known)


def _fill(world: World, made: Companies, n: int, cik: int, names: list[str], held: np.ndarray) -> None:
    """Size, earnings and forecasts of one issuer, session by session."""
    reports, told = _reports_of_shares(world).get(cik, []), years(world).get(cik, [])
    at_reports, at_years = [r.known for r in reports], [y.known for y in told]
    bars = {name: prices(world).get(name) for name in names}
    place = {name: {int(at): k for k, at in enumerate(p.at)} for name, p in bars.items() if p}
    for t in np.flatnonzero(held.any(axis=0)):
        day, snapshot = world.days[t], int(world.snapshots[t])
        lines = [name for row, name in enumerate(names) if held[row, t]]
        k = bisect_right(at_reports, snapshot) - 1
        if k < 0 or reports[k].end <= day - OLDEST_REPORT:
            continue
        filed = world.session_on_or_before(reports[k].filed)
        sizes, count, known = [], 0.0, reports[k].known
        for name in lines:
            p, now = bars[name], place.get(name, {}).get(int(t))
            then = -1 if p is None else int(np.searchsorted(p.at, filed, side="right")) - 1
            if p is None or now is None or then < 0:
                continue
            shares = reports[k].value / len(lines) * p.split[now] / p.split[then]
            sizes.append(round(shares * p.bars["close"][now]))
            count, known = count + round(shares), max(known, int(p.known[now]))
        if len(sizes) < len(lines):
            continue
        made.size[n, t] = sum(sizes)
        y = bisect_right(at_years, snapshot) - 1
        if y >= 0 and told[y].total is not None and told[y].end > day - OLDEST_REPORT:
            made.amount[""][n, t], made.known[""][n, t] = told[y].total, max(known, told[y].known)
        for name in lines:
            ahead = [a for a in askings(world).get(name, []) if a[0] <= snapshot]
            if ahead and ahead[-1][2] is not None and t - ahead[-1][1] <= 25:
                p = bars[name]
                assert p is not None
                then = int(np.searchsorted(p.at, ahead[-1][1], side="right")) - 1
                unit = p.split[then] / p.split[place[name][int(t)]]
                made.amount["_fwd"][n, t] = round(ahead[-1][2] * unit * count)
                made.known["_fwd"][n, t] = max(known, ahead[-1][0])
                break


class Yield(NamedTuple):
    """Earnings over price per session, and why not."""

    value: np.ndarray  # percent, also where too few are covered
    status: np.ndarray
    lines: np.ndarray
    coverage: np.ndarray
    known: np.ndarray


def _floor(world: World) -> float:
    return float(next(u["earnings_floor"] for u in world.seed("universes") if u["is_default"] == "true"))


@cache
def yields(world: World) -> dict[str, Yield]:
    """Trailing (``""``) and ahead (``"_fwd"``), over all sessions; NOT_AVAILABLE before there is any."""
    c, found = companies(world), {}
    whole = c.turnover.sum(axis=0)
    for kind in ("", "_fwd"):
        has = ~np.isnan(c.amount[kind])
        with np.errstate(invalid="ignore", divide="ignore"):
            value = 100 * np.nansum(c.amount[kind], axis=0) / np.where(has, c.size, 0).sum(axis=0)
            coverage = np.nan_to_num(np.where(has, c.turnover, 0).sum(axis=0) / whole)
        word = np.where(coverage >= _floor(world), "OK", "LOW_COVERAGE").astype(object)
        first, size = c.first, len(world.days)
        if kind:
            begun = min((a[0][0] for a in askings(world).values()), default=None)
            first = size if begun is None else int(np.searchsorted(world.snapshots, begun))
        word[:first] = "NOT_AVAILABLE"
        lines, known = np.where(has, c.lines, 0).sum(axis=0), np.where(has, c.known[kind], 0).max(axis=0)
        known = np.where(known > 0, known, world.snapshots)  # nothing known of anybody
        found[kind] = Yield(value, word, lines, coverage, known.astype(np.int64))
    return found


class Told(NamedTuple):
    """A monthly figure of others per session; position 0 of ``month`` is None before the first."""

    value: np.ndarray
    status: np.ndarray
    month: list[date | None]
    known: np.ndarray
    is_late: np.ndarray


def _monthly(world: World, dataset: str, column: str, age: int) -> tuple[Told, Told, np.ndarray]:
    """The newest month; its place among 120 months as then told; how many of them were."""
    rows = world.versions(dataset).filter(pl.col(column).is_not_null())
    start = rows["first_seen_at"].min()
    facts: dict[date, list[tuple[int, int, float]]] = defaultdict(list)
    for month, known, seen, value in rows.select("month", "known_at", "first_seen_at", column).iter_rows():
        facts[month].append((micros(known if seen == start else max(known, seen)), micros(seen), value))
    months, size = sorted(facts), len(world.days)
    blank = lambda: np.full(size, np.nan)  # noqa: E731
    word = lambda: np.array(["NOT_AVAILABLE"] * size, dtype=object)  # noqa: E731
    newest = Told(blank(), word(), [None] * size, np.zeros(size, np.int64), np.zeros(size, bool))
    place = Told(blank(), word(), newest.month, newest.known, np.zeros(size, bool))
    n_months = np.zeros(size, dtype=np.int64)
    moments = sorted({v[0] for versions in facts.values() for v in versions})
    for t, snapshot in enumerate(world.snapshots):
        if snapshot < moments[0]:
            continue
        if not t or bisect_right(moments, snapshot) != bisect_right(moments, world.snapshots[t - 1]):
            told = {m: max(v for v in facts[m] if v[0] <= snapshot) for m in months if facts[m][0][0] <= snapshot}
            m = max(told)
            # ten years of months that end with it
            last = [told[x] for x in sorted(told) if x > date(m.year - 10, m.month, 1)]
        begins = world.session_on_or_after(m)
        assert begins is not None
        stale = t - begins > age
        newest.month[t], newest.known[t], n_months[t] = m, max(v[0] for v in told.values()), len(last)
        newest.is_late[t], place.is_late[t] = told[m][1] > snapshot, max(v[1] for v in last) > snapshot
        newest.status[t] = place.status[t] = "STALE_INPUT" if stale else "OK"
        if not stale:
            newest.value[t] = told[m][2]
            below = sum(v[2] < told[m][2] for v in last) + sum(v[2] == told[m][2] for v in last) / 2
            place.value[t] = 100 * below / len(last) if len(last) == 120 else np.nan
            place.status[t] = "OK" if len(last) == 120 else "WARMUP"
    return newest, place, n_months


@cache
def premium(world: World) -> Told:
    """Damodaran's estimate of the month."""
    return _monthly(world, "damodaran_erp", "erp_t12m", 30)[0]


@cache
def ratio(world: World) -> tuple[Told, Told, np.ndarray]:
    """Shiller's ratio of the newest month, its place in ten years, months told."""
    return _monthly(world, "shiller_ie", "cape", 66)


def rebuilt(world: World) -> set[tuple[str, date]]:
    """(reading, session) made of an estimate or a ratio of a later download."""
    implied, (cape, place, _) = premium(world), ratio(world)
    late = {"VA02_implied": implied, "VA02_spread": implied, "VA04_cape": cape, "VA04_cape_pct": place}
    # the spread to it begins with the earnings; before, there is nothing it could be late about
    first = {"VA02_spread": companies(world).first}
    return {
        (name, world.days[n])
        for name, told in late.items()
        for n in np.flatnonzero(told.is_late)
        if n >= first.get(name, 0)
    }


def _headline(world: World) -> Prices:
    return next(p for p in prices(world).values() if p.role == "headline")


@cache
def _places(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the trailing yield stands among those of ten years: percent, why not, how many."""
    y = yields(world)[""]
    ok, size = y.status == "OK", len(world.days)
    value, count, word = np.full(size, np.nan), np.zeros(size, np.int64), y.status.copy()
    for t in np.flatnonzero(ok):
        past = np.arange(max(0, t - TEN_YEARS + 1), t + 1)
        among = y.value[past[ok[past]]]
        count[t], word[t] = among.size, "WARMUP"
        if among.size >= TEN_YEARS / 2:
            value[t] = 100 * ((among < y.value[t]).sum() + (among == y.value[t]).sum() / 2) / among.size
            word[t] = "OK"
    return value, word, count


class Gap(NamedTuple):
    """A yield of stocks less another, percent."""

    value: np.ndarray
    status: np.ndarray
    known: np.ndarray


@cache
def gap(world: World, kind: str, other: str) -> Gap:
    """``kind``: as in ``yields``; ``other``: a key of OTHERS."""
    y, k = yields(world)[kind], known_values(world, OTHERS[other])
    return Gap(y.value - k.value, np.where(y.status != "OK", y.status, k.status), np.maximum(y.known, k.known))


@cache
def spread(world: World) -> Gap:
    """The implied premium less the gap."""
    p, g = premium(world), gap(world, "", "gap")
    return Gap(p.value - g.value, np.where(p.status != "OK", p.status, g.status), np.maximum(p.known, g.known))


class Terms(NamedTuple):
    """One window per session: what it is made of, by name; why not, by block; since when it is known, by block."""

    start: np.ndarray  # position; -1 without a window
    values: dict[str, np.ndarray]
    status: dict[str, np.ndarray]
    known: dict[str, np.ndarray]
    lines: np.ndarray
    coverage: np.ndarray


def identity(
    price: tuple[float, float], earned: tuple[float, float], real: tuple[float, float], dividend: float
) -> dict[str, float]:
    """A total return in four parts: logarithms, and points. ``real`` as shares of one.

    Price over earnings is one over the yield; a yield's logarithm changes by its parts' changes over the logarithmic mean.
    """
    a, b = earned[0] / price[0], earned[1] / price[1]
    mean = a if a == b else (b - a) / np.log1p((b - a) / a)
    logs = {
        "earnings": float(np.log(earned[1] / earned[0])),
        "real_rate": (real[0] - real[1]) / mean,
        "gap": ((a - real[0]) - (b - real[1])) / mean,
        "dividend": dividend,
    }
    total = float(np.log(price[1] / price[0])) + dividend
    scale = float(np.expm1(total)) / total if total else 1.0
    return (
        {f"log_{name}": x for name, x in logs.items()}
        | {f"points_{name}": x * scale for name, x in logs.items()}
        | {"log_mean_yield": mean, "log_total": total, "total_return": float(np.expm1(total))}
        | {"cash_flow_share": (logs["earnings"] + dividend) / total if total else np.nan}
    )


def _starts(world: World) -> dict[str, np.ndarray]:
    t = np.arange(len(world.days))
    low = np.full(t.size, -1)
    for p, rule, told in rallies.histories(world):
        if p.role == "headline" and rule["is_default"] == "true":
            for n, rally in enumerate(told.open_then):
                low[p.at[n]] = p.at[rally.trough] if rally else -1
    return {"20d": t - 20, "since_trough": low}


@cache
def terms(world: World) -> dict[str, Terms]:
    """Both windows of every session since the first size."""
    c, real, fund = companies(world), known_values(world, "DFII10"), leadership.held(world)[1]
    size = len(world.days)
    index = _headline(world)
    close, told = index.along(index.bars["close"], size), index.along(index.known.astype(float), size)
    broad = next(p for p in prices(world).values() if p.role == "broad_etf")
    plain = broad.along(broad.bars["close"] * broad.split, size)
    whole, found = c.turnover.sum(axis=0), {}
    for window, start in _starts(world).items():
        values: dict[str, np.ndarray] = defaultdict(lambda: np.full(size, np.nan))
        blocks = ("status", "split", "dividend", "total", "share")
        status = {b: np.array(["UNDEFINED"] * size, dtype=object) for b in blocks}
        known = {b: np.zeros(size, np.int64) for b in blocks}
        lines, coverage = np.zeros(size, np.int64), np.zeros(size)
        for t in range(c.first, size):
            s = int(start[t])
            for block in blocks:
                known[block][t] = int(told[t])
            if s < 0:
                continue
            dividend = np.log(fund.level[t] / fund.level[s]) - np.log(plain[t] / plain[s])
            status["dividend"][t] = "WARMUP" if s < fund.first else "STALE_INPUT" if np.isnan(dividend) else "OK"
            known["dividend"][t] = int(np.nanmax([told[t], told[s], fund.known[t], fund.known[s]]))
            both = ~np.isnan(c.amount[""][:, t]) & ~np.isnan(c.amount[""][:, s])
            lines[t] = c.lines[both, t].sum()
            with np.errstate(invalid="ignore", divide="ignore"):
                ends = [c.turnover[both, n].sum() / whole[n] for n in (s, t)]
                y0, y1 = (c.amount[""][both, n].sum() / c.size[both, n].sum() for n in (s, t))
            coverage[t] = min(np.nan_to_num(ends)) if s >= c.first else 0
            word = "OK"
            if s < c.first:
                word, lines[t] = "WARMUP", 0
            elif min(np.nan_to_num(ends)) < _floor(world):
                word = "LOW_COVERAGE"
            elif min(y0, y1) <= 0:
                word = "UNDEFINED"
            status["status"][t] = word
            status["split"][t] = word = next((w for w in (word, real.status[t], real.status[s]) if w != "OK"), "OK")
            status["total"][t] = status["share"][t] = word if word != "OK" else status["dividend"][t]
            newest = [told[t], told[s], *(c.known[""][both, n].max(initial=0) for n in (s, t))]
            known["status"][t] = int(max(newest))
            known["split"][t] = max(known["status"][t], real.known[t], real.known[s])
            known["total"][t] = known["share"][t] = max(known["split"][t], known["dividend"][t])
            if status["status"][t] == "OK":
                price, earned = (close[s], close[t]), (close[s] * y0, close[t] * y1)
                parts_ = identity(price, earned, (real.value[s] / 100, real.value[t] / 100), float(dividend))
                for name, x in parts_.items():
                    values[name][t] = x
                values["log_price"][t], values["log_multiple"][t] = np.log(close[t] / close[s]), np.log(y0 / y1)
                for name, (a, b) in {
                    "price": price, "earnings": earned, "pe": (1 / y0, 1 / y1), "yield": (y0, y1),
                    "real": (real.value[s], real.value[t]),
                }.items():  # fmt: skip
                    values[f"{name}_start"][t], values[f"{name}_end"][t] = a, b
                if abs(parts_["total_return"]) < 0.01:
                    status["share"][t] = "UNDEFINED" if status["share"][t] == "OK" else status["share"][t]
            if status["dividend"][t] == "OK":
                values["log_dividend"][t] = dividend
        found[window] = Terms(start, dict(values), status, known, lines, coverage)
    return found


# --- readings -------------------------------------------------------------------------------------------------------


def _days(months: list[date | None], on: np.ndarray) -> np.ndarray:
    return np.array([np.datetime64(months[t], "D") for t in on])


def costs(world: World) -> pl.DataFrame:
    """VA01 to VA04 and VA09."""
    name, size = _headline(world).instrument_id, len(world.days)
    members, on = companies(world).lines.sum(axis=0), np.arange(companies(world).first, size)
    found = []
    for kind, y in yields(world).items():
        at = on[y.status[on] != "NOT_AVAILABLE"]
        used = y.lines[at]
        with np.errstate(divide="ignore"):
            pe = np.where(y.value > 0, 100 / y.value, np.nan)
        no_pe = np.where((y.status == "OK") & (y.value <= 0), "UNDEFINED", y.status)
        found += [
            shaped(f"VA01_pe{kind}", name, world, at, pe[at], no_pe[at], used, members[at], y.known[at]),
            shaped(f"VA01_ey{kind}", name, world, at, y.value[at], y.status[at], used, members[at], y.known[at]),
        ]
        for other, reading in (("gap", f"VA02_gap{kind}"), ("nominal", f"VA03{kind}"), ("cash", f"VA09{kind}")):
            g = gap(world, kind, other)
            if reading != "VA09_fwd":
                found.append(
                    shaped(reading, name, world, at, g.value[at], g.status[at], used, members[at], g.known[at])
                )
    y, p, s = yields(world)[""], premium(world), spread(world)
    at = np.flatnonzero(p.status != "NOT_AVAILABLE")
    there = (p.status[at] == "OK").astype(int)
    found.append(
        shaped("VA02_implied", name, world, at, p.value[at], p.status[at], there, 1, p.known[at], _days(p.month, at))
    )
    both = on[p.status[on] != "NOT_AVAILABLE"]
    found.append(
        shaped(
            "VA02_spread", name, world, both, s.value[both], s.status[both], y.lines[both], members[both], s.known[both]
        )
    )
    cape, place, n_months = ratio(world)
    at = np.flatnonzero(cape.status != "NOT_AVAILABLE")
    period, there = _days(cape.month, at), (cape.status[at] == "OK").astype(int)
    found.append(
        shaped("VA04_cape", name, world, at, cape.value[at], cape.status[at], there, 1, cape.known[at], period)
    )
    found.append(
        shaped(
            "VA04_cape_pct",
            name,
            world,
            at,
            place.value[at],
            place.status[at],
            n_months[at],
            120,
            cape.known[at],
            period,
        )
    )
    value, word, count = _places(world)
    found.append(shaped("VA04_ey_pct", name, world, on, value[on], word[on], count[on], TEN_YEARS, y.known[on]))
    return pl.concat(found)


_PARTS = {
    "VA05": (("earnings", "log_earnings", "status"), ("multiple", "log_multiple", "status"), ("dividend", "log_dividend", "dividend")),
    "VA06": (("real_rate", "log_real_rate", "split"), ("gap", "log_gap", "split")),
    "VA07": tuple((n, f"points_{n}", "total") for n in ("earnings", "real_rate", "gap", "dividend")),
}  # fmt: skip


def returns(world: World) -> pl.DataFrame:
    """VA05 to VA08."""
    name, found = _headline(world).instrument_id, []
    on = np.arange(companies(world).first, len(world.days))
    members = companies(world).lines.sum(axis=0)[on]
    for window, suffix in WINDOWS.items():
        w = terms(world)[window]
        for indicator, parts_ in _PARTS.items():
            for part, column, block in parts_:
                value = 100 * w.values[column][on]
                at = (on, value, w.status[block][on], w.lines[on], members, w.known[block][on])
                found.append(shaped(f"{indicator}_{part}{suffix}", name, world, *at))
        share = w.values["cash_flow_share"][on]
        at = (on, share, w.status["share"][on], w.lines[on], members, w.known["share"][on])
        found.append(shaped(f"VA08_cash_flow{suffix}", name, world, *at))
    return pl.concat(found)


# --- marts ----------------------------------------------------------------------------------------------------------


def _where(status: np.ndarray, value: np.ndarray) -> np.ndarray:
    return np.where(status == "OK", value, np.nan)


def valuation_daily(world: World) -> pl.DataFrame:
    """One row per session of which any of it is known."""
    size, index, p = len(world.days), _headline(world), premium(world)
    cape, place, _ = ratio(world)
    y, c = yields(world), companies(world)
    frame: dict[str, Any] = {"session_date": world.dates, "known_at": world.snapshots.astype(float)}
    members = np.where(np.arange(size) >= c.first, c.lines.sum(axis=0), 0)
    frame |= {"index_id": [index.instrument_id] * size, "members": members, "earnings_source": ["EPS_EDGAR"] * size}
    frame["index_earnings"] = _where(y[""].status, index.along(index.bars["close"], size) * y[""].value / 100)
    frame["status_index_earnings"] = y[""].status
    for kind in ("", "_fwd"):
        has_some = y[kind].status != "NOT_AVAILABLE"
        with np.errstate(divide="ignore"):
            pe = np.where(y[kind].value > 0, 100 / y[kind].value, np.nan)
        no_pe = np.where((y[kind].status == "OK") & (y[kind].value <= 0), "UNDEFINED", y[kind].status)
        frame |= {f"pe{kind}": _where(no_pe, pe), f"status_pe{kind}": no_pe, f"status_yield{kind}": y[kind].status}
        frame[f"earnings_yield{kind}"] = _where(y[kind].status, y[kind].value)
        frame[f"n_covered{kind}"] = np.where(has_some, y[kind].lines, 0)
        frame[f"coverage{kind}"] = np.where(has_some, y[kind].coverage, 0)
        for other, column in (("gap", "earnings_yield_gap"), ("nominal", "nominal_spread"), ("cash", "cash_spread")):
            g = gap(world, kind, other)
            frame |= {f"{column}{kind}": _where(g.status, g.value), f"status_{other}{kind}": g.status}
    s, (value, word, count) = spread(world), _places(world)
    frame |= {
        "erp_implied": p.value, "status_erp_implied": p.status, "is_erp_reconstructed": p.is_late,
        "erp_month": [m if w == "OK" else None for m, w in zip(p.month, p.status, strict=True)],
        "implied_less_gap": _where(s.status, s.value), "status_implied_less_gap": s.status,
        "cape": cape.value, "status_cape": cape.status, "is_cape_reconstructed": cape.is_late,
        "cape_month": [m if w == "OK" else None for m, w in zip(cape.month, cape.status, strict=True)],
        "cape_percentile_10y": place.value, "status_cape_percentile": place.status,
        "yield_percentile_10y": value, "status_yield_percentile": word, "n_sessions_ranked": count,
    }  # fmt: skip
    on = (y[""].status != "NOT_AVAILABLE") | (p.status != "NOT_AVAILABLE") | (cape.status != "NOT_AVAILABLE")
    kinds = {name: pl.String for name in frame if name.startswith("status_")}
    made = {name: list(v) if name in kinds else v for name, v in frame.items()}
    return pl.DataFrame(made, schema_overrides=kinds).filter(pl.Series(on))


def return_decomposition(world: World) -> pl.DataFrame:
    """One row per session and window since the first size."""
    on, frames = np.arange(companies(world).first, len(world.days)), []
    members = companies(world).lines.sum(axis=0)[on]
    for window, w in terms(world).items():
        by = {"total_return": 100.0} | {f"points_{n}": 100.0 for n in ("earnings", "real_rate", "gap", "dividend")}
        block = {n: "total" for n in [*by, "log_total"]} | dict.fromkeys(
            ("log_real_rate", "log_gap", "log_mean_yield"), "split"
        )
        block |= {"log_dividend": "dividend", "cash_flow_share": "share", "real_start": "split", "real_end": "split"}
        scale = by | {"yield_start": 100.0, "yield_end": 100.0}
        frame: dict[str, Any] = {
            "session_date": world.dates[on], "window_id": [window] * on.size, "index_id": [_headline(world).instrument_id] * on.size,
            "window_start": [world.days[s] if s >= 0 else None for s in w.start[on]],
            "known_at": np.maximum(w.known["total"], w.known["dividend"])[on].astype(float),
            "n_covered": w.lines[on], "members": members, "coverage": w.coverage[on],
            "earnings_source": ["EPS_EDGAR"] * on.size, "residual": np.where(w.status["total"][on] == "OK", 0.0, np.nan),
        }  # fmt: skip
        for name, values in w.values.items():
            ok = w.status[block.get(name, "status")][on]
            frame[_NAMED.get(name, name)] = _where(ok, values[on] * scale.get(name, 1.0))
        for name, words in w.status.items():
            frame["status" if name == "status" else f"status_{name}"] = pl.Series(list(words[on]), dtype=pl.String)
        frames.append(pl.DataFrame(frame, schema_overrides={"window_start": pl.Date}))
    return pl.concat(frames, how="diagonal")


_NAMED = {
    "total_return": "total_return_pp", "yield_start": "earnings_yield_start", "yield_end": "earnings_yield_end",
    "real_start": "real_yield_start", "real_end": "real_yield_end",
} | {f"points_{name}": f"{name}_pp" for name in ("earnings", "real_rate", "gap", "dividend")}  # fmt: skip
