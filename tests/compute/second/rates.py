"""Yields, the effective rate and the target range as known at each snapshot, and the mart of them: ``rates_daily``.

Belongs here: whose figure of a daily series was known, what else stands in ``rates_daily``, readings of the curve, of term
premia, spreads and the target. Does not: what futures imply (``fed_funds``), released statistics (``macro``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, time
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from ingestion.calendar import NEW_YORK
from second.facts import World, micros

MONTH = 20  # sessions
YIELDS = {"m3": "DGS3MO", "y2": "DGS2", "y5": "DGS5", "y10": "DGS10", "y30": "DGS30", "tips10": "DFII10"}
SPREADS = {"term_premium_kw": "THREEFYTP10", "ig_oas": "BAMLC0A0CM", "hy_oas": "BAMLH0A0HYM2", "baa_spread": "BAA10Y"}
Told = tuple[int, date, float | None, str]  # known, day, value, who says it


def newest_told(facts: Iterable[Told]) -> list[Told]:
    """In the order in which they became known: each about the newest day so far."""
    latest, kept = date.min, []
    for told in sorted(facts, key=lambda t: t[:2]):
        if told[1] >= latest:
            latest = told[1]
            kept.append(told)
    return kept


@cache
def vendors(world: World) -> dict[str, dict[str, list[Told]]]:
    """Daily series → vendor → every version of every figure."""
    found: dict[str, dict[str, list[Told]]] = {
        s["series_id"]: {"treasury": [], "fred": []} for s in world.seed("series") if not s["release_id"]
    }
    for row in world.versions("fred_observations").iter_rows(named=True):
        if row["series_id"] in found:
            told = (micros(row["known_at"]), row["observation_date"], row["value"], "fred")
            found[row["series_id"]]["fred"].append(told)
    for twin in world.seed("yield_twins"):
        for row in world.versions(twin["dataset"]).filter(pl.col("tenor") == twin["tenor"]).iter_rows(named=True):
            told = (micros(row["known_at"]), row["observation_date"], row["value"], "treasury")
            found[twin["series_id"]]["treasury"].append(told)
    return found


@cache
def spoken(world: World) -> dict[str, list[Told]]:
    """Daily series → its figures: the Treasury's, and FRED's of days that the Treasury had not given by then."""
    found = {}
    for series, by in vendors(world).items():
        given: dict[date, int] = {}
        for known, day, _, _ in by["treasury"]:
            given[day] = min(known, given.get(day, known))
        own = [t for t in by["fred"] if t[1] not in given or t[0] < given[t[1]]]
        found[series] = by["treasury"] + own
    return found


class Known(NamedTuple):
    """A daily series session by session; ``value`` is NaN unless ``status`` is OK, ``known`` 0 where nothing is known."""

    value: np.ndarray
    known: np.ndarray
    age: np.ndarray
    day: list[date | None]
    who: list[str | None]
    status: np.ndarray  # NOT_AVAILABLE before the series is asked for

    @property
    def has(self) -> np.ndarray:
        """Whether anything had been published."""
        return self.known > 0


@cache
def known_values(world: World, series_id: str) -> Known:
    """The newest observation known at each session."""
    told = newest_told(spoken(world)[series_id])
    row = next(r for r in world.seed("series") if r["series_id"] == series_id)
    since, limit = date.fromisoformat(row["history_from"]), 15 if row["lag_rule"].startswith("days_") else 3
    moments, size = [t[0] for t in told], len(world.days)
    value, known, age = np.full(size, np.nan), np.zeros(size, dtype=np.int64), np.full(size, -1)
    days: list[date | None] = [None] * size
    who: list[str | None] = [None] * size
    status = np.array(["NOT_AVAILABLE"] * size, dtype=object)
    for n, session in enumerate(world.days):
        if session < since:
            continue
        status[n] = "NOT_PUBLISHED"
        k = bisect_right(moments, int(world.snapshots[n])) - 1
        if k >= 0:
            known[n], days[n], figure, who[n] = told[k]
            age[n] = n - world.session_on_or_before(told[k][1])
            status[n] = "STALE_INPUT" if age[n] > limit else "OK"
            value[n] = np.nan if figure is None or age[n] > limit else figure
    return Known(value, known, age, days, who, status)


def before(values: np.ndarray, n: int) -> np.ndarray:
    """What stood so many sessions before; NaN, or None, at the beginning."""
    nothing = np.nan if values.dtype.kind == "f" else None
    return np.concatenate([np.full(n, nothing, dtype=values.dtype), values[:-n]])


# --- policy ---------------------------------------------------------------------------------------------------------


class Meeting(NamedTuple):
    """A decision: its day, when it was known that it would be (or would not), when it was out, the target after it, its change."""

    day: date
    known: int
    cancelled: int | None
    decided: int
    upper: float | None
    change_bp: float | None
    is_scheduled: bool


@cache
def meetings(world: World) -> list[Meeting]:
    """All of this world's seed, by day."""
    found: list[Meeting] = []
    upper: float | None = None
    for row in sorted(world.seed("policy_meetings"), key=lambda r: r["meeting_date"]):
        day, hour = date.fromisoformat(row["meeting_date"]), time.fromisoformat(row["statement_time"])
        decided = micros(datetime.combine(day, hour, NEW_YORK))
        is_scheduled = row["is_scheduled"] == "true"
        announced = micros(datetime.combine(date.fromisoformat(row["announced_on"]), time(17), NEW_YORK))
        after = float(row["target_upper_after"]) if row["target_upper_after"] else None
        change = None if after is None or upper is None else round(100 * (after - upper), 4)
        cancelled = None
        if row["cancelled_on"]:
            cancelled = micros(datetime.combine(date.fromisoformat(row["cancelled_on"]), time(17), NEW_YORK))
        known = announced if is_scheduled else decided
        found.append(Meeting(day, known, cancelled, decided, after, change, is_scheduled))
        upper = upper if after is None else after
    return found


@cache
def effective_facts(world: World) -> list[Told]:
    """The effective rate of each business day: the New York Fed's, and FRED's where it had not given the day by then."""
    bond = {date.fromisoformat(r["date"]) for r in world.seed("calendar") if r["is_bond_day"] == "true"}
    own: list[Told] = [
        (micros(known), day, rate, "nyfed")
        for known, day, rate in world.versions("nyfed_effr").select("known_at", "effective_date", "rate").iter_rows()
    ]
    given: dict[date, int] = {}
    for known, day, _, _ in own:
        given[day] = min(known, given.get(day, known))
    others = [t for t in vendors(world)["DFF"]["fred"] if t[1] in bond]
    return own + [t for t in others if t[1] not in given or t[0] < given[t[1]]]


class Policy(NamedTuple):
    """The policy rate session by session; NaN and None where nothing is known."""

    effr: np.ndarray
    effr_known: np.ndarray
    status_effr: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    who: np.ndarray
    status_target: np.ndarray
    offset_bp: np.ndarray
    moved_on: list[date | None]
    moved_by: np.ndarray


@cache
def policy(world: World) -> Policy:
    """Effective rate of the newest day, the range as announced or as FRED has it, its last move, the distance of both."""
    size = len(world.days)
    told = newest_told(effective_facts(world))
    moments = [t[0] for t in told]
    low, high = known_values(world, "DFEDTARL"), known_values(world, "DFEDTARU")
    in_force = {day: (known, value) for known, day, value, _ in reversed(sorted(spoken(world)["DFEDTARL"]))}
    nan = lambda: np.full(size, np.nan)  # noqa: E731
    word = lambda w: np.array([w] * size, dtype=object)  # noqa: E731
    found = Policy(
        nan(), np.zeros(size, dtype=np.int64), word("NOT_PUBLISHED"), nan(), nan(), word(None), word("NOT_PUBLISHED"), nan(),
        [None] * size, nan(),
    )  # fmt: skip
    decided = [m for m in meetings(world) if m.upper is not None]
    announced = [m.decided for m in decided]
    last = np.nan
    for n, session in enumerate(world.days):
        snapshot = int(world.snapshots[n])
        if high.status[n] != "NOT_AVAILABLE":
            found.status_target[n] = high.status[n]
            found.lower[n], found.upper[n] = low.value[n], high.value[n]
            found.who[n] = "fred"
            k = bisect_right(announced, snapshot) - 1
            day = high.day[n]
            # FRED dates a move by the day it takes effect: on the day of a decision the announcement is newer
            if k >= 0 and day is not None and decided[k].day >= day:
                found.upper[n] = decided[k].upper
                found.lower[n], found.who[n], found.status_target[n] = found.upper[n] - 0.25, "announcement", "OK"
            if n:
                found.moved_on[n], found.moved_by[n] = found.moved_on[n - 1], found.moved_by[n - 1]
            if not np.isnan(found.upper[n]):
                if not np.isnan(last) and found.upper[n] != last:
                    found.moved_on[n], found.moved_by[n] = session, np.sign(found.upper[n] - last)
                last = found.upper[n]
        k = bisect_right(moments, snapshot) - 1
        if k >= 0:
            found.effr_known[n], day, rate, _ = told[k]
            is_old = (session - day).days > 7
            found.status_effr[n] = "STALE_INPUT" if is_old else "OK"
            found.effr[n] = np.nan if is_old else rate
            # the range in which this very rate was paid
            since, lower = in_force.get(day, (snapshot + 1, np.nan))
            found.offset_bp[n] = 100 * (rate - lower) if since <= snapshot else np.nan
    return found


# --- term premium of the New York Fed -------------------------------------------------------------------------------


class Premium(NamedTuple):
    """What the newest download known at a session says of ten years; changes are inside what was known then."""

    day: date
    known: int
    premium: float
    expected: float | None
    premium_d20_bp: float | None
    expected_d20_bp: float | None
    day_before: date | None
    is_reconstructed: bool
    status: str
    status_expected: str


@cache
def premia(world: World) -> dict[int, Premium]:
    """By position of the session."""
    versions: dict[date, list[tuple[int, float, float | None, int]]] = {}
    rows = world.versions("nyfed_acm").filter(pl.col("maturity_years") == 10)
    names = ("observation_date", "known_at", "term_premium", "risk_neutral_yield", "first_seen_at")
    # a file is asked for once a week and known when it came; only the history of the first is older than the home
    first_file = rows["first_seen_at"].min()
    for day, lag_rule, premium, expected, seen in rows.select(names).iter_rows():
        known = lag_rule if seen == first_file else max(lag_rule, seen)
        if known <= world.as_of:
            versions.setdefault(day, []).append((micros(known), premium, expected, micros(seen)))
    told = newest_told((v[0], day, None, "acm") for day, vs in versions.items() for v in vs)
    moments = [t[0] for t in told]

    def at(day: date | None, snapshot: int) -> tuple[int, float, float | None, int] | None:
        return next((v for v in reversed(versions.get(day, [])) if v[0] <= snapshot), None) if day else None

    found = {}
    for n in range(len(world.days)):
        snapshot = int(world.snapshots[n])
        k = bisect_right(moments, snapshot) - 1
        if k < 0:
            continue
        day = told[k][1]
        now, observed = at(day, snapshot), world.session_on_or_before(day)
        earlier = world.days[observed - MONTH] if observed >= MONTH else None
        then = at(earlier, snapshot)
        assert now is not None
        stale = n - observed > 7
        both = None if then is None or now[2] is None or then[2] is None else 100 * (now[2] - then[2])
        found[n] = Premium(
            day, now[0], now[1], now[2], None if then is None else 100 * (now[1] - then[1]), both,
            earlier if then else None, max(now[3], then[3] if then else 0) > snapshot, "STALE_INPUT" if stale else "OK",
            "STALE_INPUT" if stale else "NOT_AVAILABLE" if now[2] is None else "OK",
        )  # fmt: skip
    return found


# --- the mart -------------------------------------------------------------------------------------------------------


class Move(NamedTuple):
    """How the curve moved over 20 sessions, basis points, and what that is called."""

    level_bp: np.ndarray
    slope_bp: np.ndarray
    name: np.ndarray


@cache
def curve_move(world: World) -> Move:
    """Mean change of 2 and 10 years, change of their difference; a dead band of 5 either way."""
    two, ten = known_values(world, "DGS2").value, known_values(world, "DGS10").value
    d2, d10 = two - before(two, MONTH), ten - before(ten, MONTH)
    level, slope = np.round(100 * (d2 + d10) / 2, 6), np.round(100 * (d10 - d2), 6)
    names = np.array([None] * level.size, dtype=object)
    for n in np.flatnonzero(~np.isnan(level)):
        side = "bull" if level[n] < 0 else "bear"
        names[n] = f"{side}_{'steepener' if slope[n] > 0 else 'flattener'}"
        if min(abs(level[n]), abs(slope[n])) < 5:
            names[n] = "mixed"
    return Move(level, slope, names)


def spread(world: World, long: str, short: str) -> tuple[np.ndarray, np.ndarray]:
    """One series less another where both are of one day (percent), and why not elsewhere."""
    a, b = known_values(world, long), known_values(world, short)
    same = np.array([x == y for x, y in zip(a.day, b.day, strict=True)])
    word = np.where(
        a.status != "OK", a.status, np.where(b.status != "OK", b.status, np.where(same, "OK", "NOT_PUBLISHED"))
    )
    return np.where(same, a.value - b.value, np.nan), word


def _gaps(world: World) -> np.ndarray:
    """The largest distance of the Treasury's yields and FRED's on the newest day both had given."""
    twins = [t["series_id"] for t in world.seed("yield_twins")]
    held: dict[str, dict[str, dict[date, list[tuple[int, float | None]]]]] = {}
    began: dict[date, int] = {}
    for series in twins:
        held[series] = {}
        for name, facts in vendors(world)[series].items():
            by = held[series].setdefault(name, {})
            for known, day, value, _ in facts:
                by.setdefault(day, []).append((known, value))
        for day in held[series]["treasury"].keys() & held[series]["fred"].keys():
            both = max(held[series][name][day][0][0] for name in ("treasury", "fred"))
            began[day] = min(both, began.get(day, both))
    told = newest_told((known, day, None, "both") for day, known in began.items())
    moments, found = [t[0] for t in told], np.full(len(world.days), np.nan)
    for n in range(len(world.days)):
        snapshot = int(world.snapshots[n])
        k = bisect_right(moments, snapshot) - 1
        if k < 0:
            continue
        apart = []
        for series in twins:
            sides = [[v for known, v in by.get(told[k][1], []) if known <= snapshot] for by in held[series].values()]
            if all(sides) and sides[0][-1] is not None and sides[1][-1] is not None:
                apart.append(abs(sides[0][-1] - sides[1][-1]))
        found[n] = max(apart, default=np.nan)
    return found


def rates_daily(world: World) -> pl.DataFrame:
    """One row per session since the first 10-year yield."""
    from second import valuation
    from second.fed_funds import priced_bp  # both need what stands above

    size = len(world.days)
    p, move, ten = policy(world), curve_move(world), known_values(world, "DGS10")
    frame: dict[str, Any] = {
        "session_date": world.dates, "known_at": world.snapshots.astype(float),
        "effr": p.effr, "status_effr": p.status_effr, "status_target": p.status_target,
        "target_low": np.where(p.status_target == "OK", p.lower, np.nan),
        "target_high": np.where(p.status_target == "OK", p.upper, np.nan),
        "target_source": np.where(p.status_target == "OK", p.who, None), "effr_less_lower_bp": p.offset_bp,
    }  # fmt: skip
    for name, series in (YIELDS | SPREADS).items():
        known = known_values(world, series)
        frame[name] = known.value
        frame["status_kw" if name == "term_premium_kw" else f"status_{name}"] = known.status
    for name, block, short, scale in (
        ("s2s10_bp", "s2s10", "DGS2", 100),
        ("s3m10_bp", "s3m10", "DGS3MO", 100),
        ("breakeven10", "breakeven", "DFII10", 1),
    ):
        value, frame[f"status_{block}"] = spread(world, "DGS10", short)
        frame[name] = scale * value
    acm = [premia(world).get(n) for n in range(size)]
    frame["term_premium_acm"] = [a.premium if a and a.status == "OK" else None for a in acm]
    frame["expected_rate_acm"] = [a.expected if a and a.status_expected == "OK" else None for a in acm]
    frame["status_acm"] = [a.status if a else "NOT_AVAILABLE" for a in acm]
    frame["status_expected_acm"] = [a.status_expected if a else "NOT_AVAILABLE" for a in acm]
    frame["is_acm_reconstructed"] = [bool(a and a.is_reconstructed) for a in acm]
    priced, word = priced_bp(world)
    frame["cuts_priced_12m"], frame["status_path"] = np.where(word == "OK", -priced / 25, np.nan), word
    frame["level_move_bp"], frame["slope_move_bp"], frame["curve_move"] = move
    two = known_values(world, "DGS2")
    frame["status_move"] = np.where(
        ~np.isnan(move.level_bp),
        "OK",
        np.where(ten.status != "OK", ten.status, np.where(two.status != "OK", two.status, "WARMUP")),
    )
    is_there = ~np.isnan(ten.value)
    frame["yield_source"] = np.where(is_there, np.array(ten.who, dtype=object), None)
    frame["carried_from"] = [
        d if there and d and d < s else None for d, s, there in zip(ten.day, world.days, is_there, strict=True)
    ]
    frame["treasury_less_fred"] = _gaps(world)
    stocks, implied = valuation.gap(world, "", "gap"), valuation.premium(world)
    frame["earnings_yield_gap"] = np.where(stocks.status == "OK", stocks.value, np.nan)
    frame["status_earnings_gap"], frame["status_erp_implied"] = stocks.status, implied.status
    frame["erp_implied"], frame["is_erp_reconstructed"] = implied.value, implied.is_late
    kinds = {name: pl.String for name in frame if name.startswith("status_") or name in _TEXT}
    made = {name: list(v) if name in kinds else v for name, v in frame.items()}
    return pl.DataFrame(made, schema_overrides=kinds).filter(pl.Series(ten.has))


_TEXT = ("target_source", "curve_move", "yield_source")
