"""Money into and out of funds: ``flows_daily``, ``flows_weekly``, and the groups of funds that readings speak of.

Belongs here: flows from share counts, placed at the session that first knew them. Does not: readings (``readings``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from second.facts import World, micros


@dataclass
class Flow:
    """One fund's figure of a day, as from the session (position) that first knew it and everything before."""

    fund: str
    category: str
    source: str
    day: date
    at: int
    known: int
    nav: float
    shares: float | None
    net: float | None
    before: float | None
    days: int | None
    is_suspect: bool


@dataclass
class Session:
    """What one session learnt of one fund."""

    fund: str
    category: str
    source: str
    at: int
    day: date
    days: int | None
    cents: int | None
    flows: int
    shares: float | None
    nav: float
    aum: float | None
    before: float | None
    is_suspect: bool
    known: int
    undoes: int | None = None

    @property
    def share(self) -> float | None:
        """The flow over the assets before it."""
        return None if self.cents is None or not self.before else self.cents / 100 / self.before


def _cents(usd: float) -> int:
    return int(np.floor(abs(usd) * 100 + 0.5)) * (1 if usd >= 0 else -1)


def _whole(usd: float) -> int:
    return int(np.floor(usd + 0.5))


@cache
def flows(world: World) -> list[Flow]:
    """Every fund's days in order."""
    named = {r["instrument_id"]: r for r in world.instruments}
    ids = {vendor: {r["id"]: named[r["instrument_id"]] for r in world.seed("instrument_ids") if r["vendor"] == vendor}
           for vendor in ("ishares", "ssga")}  # fmt: skip
    by_ishares = ids["ishares"]
    by_ssga = {ticker: r for ticker, r in ids["ssga"].items() if r not in by_ishares.values()}
    told: dict[str, list[tuple[date, int, float, float | None, float | None, dict[str, str], str]]] = defaultdict(list)
    for dataset, name, owners in (
        ("ishares_fund_history", "product_id", by_ishares), ("ssga_nav_history", "ticker", by_ssga),
    ):  # fmt: skip
        for row in world.firsts(dataset).iter_rows(named=True):
            owner = owners.get(row[name])
            if owner and row["nav"] and row["nav"] > 0:
                shares, assets = row["shares_outstanding"], row.get("total_net_assets")
                told[owner["instrument_id"]].append(
                    (
                        row["as_of_date"], micros(row["known_at"]), row["nav"], shares if (shares or 0) > 0 else None,
                        assets if (assets or 0) > 0 else None, owner, row["source"],
                    )
                )  # fmt: skip
    listed = _listed_splits(world)
    found = []
    for fund, every in sorted(told.items()):
        every.sort(key=lambda r: r[0])
        later = np.minimum.accumulate([r[1] for r in every][::-1])[::-1]
        # a day that came after the day that follows it is left out: that one has booked the whole change
        rows = [row for row, earliest in zip(every, later, strict=True) if row[1] <= earliest]
        suspect = _suspects([r for r in rows if r[3] is not None], listed.get(fund, []))
        public, held, factor = 0, None, 1.0
        for row in rows:
            day, known, nav, shares, _, owner, source = row
            public = max(public, known)
            at = world.first_snapshot(public)
            net = before = days = None
            is_suspect, level = suspect.get(day, (False, factor))
            if shares is not None and not is_suspect:
                if held is not None:
                    old = held[3] * level / factor
                    net, before = (shares - old) * nav, old * nav
                    days = max(world.session_on_or_before(day) - world.session_on_or_before(held[0]), 1)
                held, factor = row, level
            if at is not None:
                category = owner["fund_category"]
                found.append(Flow(fund, category, source, day, at, public, nav, shares, net, before, days, is_suspect))
    return found


Row = tuple[date, int, float, float | None, float | None, dict[str, str], str]


def _suspects(rows: list[Row], listed: list[tuple[date, float]]) -> dict[date, tuple[bool, float]]:
    """Day → (whether none of the three reports before bears it out, the splits so far), for days with shares."""
    found: dict[date, tuple[bool, float]] = {}
    level, levels, parts = 1.0, [], []
    for n, row in enumerate(rows):
        if n:
            level *= _split(rows[n - 1], row, listed)
        shares = (row[3] or 0) / level
        part = row[2] * (row[3] or 0) / row[4] if row[4] else None
        near = levels[-3:]
        stray = bool(near) and all(abs(np.log(shares / x)) > np.log(1.2) for x in near)
        known = [x for x in parts[-3:] if x is not None]
        odd = part is not None and bool(known) and all(abs(part / x - 1) > 0.001 for x in known)
        found[row[0]] = (stray or odd, level)
        levels.append(shares)
        parts.append(part)
    return found


def _split(a: Row, b: Row, listed: list[tuple[date, float]]) -> float:
    """The ratio by which shares rose and value fell between two reports; 1 where no simple (or listed) ratio explains both."""
    nav, shares = np.log(b[2] / a[2]), np.log((b[3] or 1) / (a[3] or 1))
    if min(abs(nav), abs(shares)) <= 0.12 or nav * shares > 0:
        return 1.0
    own = float(np.prod([v for ex, v in listed if a[0] < ex <= b[0]])) if listed else 1.0
    choices = [(own, 0.0)] if own != 1 else []
    for n in range(1, 101):
        for m in range(1, 101):
            is_simple = n == 1 or m == 1 or (n <= 7 and m <= 7)
            if n != m and is_simple and np.gcd(n, m) == 1:
                choices.append((n / m, 0.004 * (n + m)))
    fit = [
        (left + cost, ratio)
        for ratio, cost in choices
        for left in [abs(nav + np.log(ratio)) + abs(shares - np.log(ratio))]
        if max(abs(nav + np.log(ratio)), abs(shares - np.log(ratio))) <= 0.12 and left < abs(nav) + abs(shares)
    ]
    return min(fit)[1] if fit else 1.0


def _listed_splits(world: World) -> dict[str, list[tuple[date, float]]]:
    owners = {r["symbol"]: r["instrument_id"] for r in world.instruments if r["asset_class"] == "etf"}
    found: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for row in world.newest("yahoo_actions").filter(pl.col("action") == "split").iter_rows(named=True):
        if row["symbol"] in owners:
            found[owners[row["symbol"]]].append((row["ex_date"], row["value"]))
    return found


@cache
def sessions(world: World) -> list[Session]:
    """Flows by the session that learnt them, with the marks of doubt, in order of session and fund."""
    together: dict[tuple[int, str], list[Flow]] = defaultdict(list)
    for flow in flows(world):
        together[flow.at, flow.fund].append(flow)
    found, past = [], defaultdict(list)
    for (at, fund), some in sorted(together.items()):
        some.sort(key=lambda f: f.day)
        nets = [f for f in some if f.net is not None]
        last, first = some[-1], some[0]
        with_shares = next((f for f in reversed(some) if f.shares is not None), None)
        sized = next((f for f in reversed(some) if f.shares is not None and not f.is_suspect), None)
        before = next((f.before for f in some if f.before is not None), None)
        one = Session(
            fund, first.category, first.source, at, last.day, sum(f.days or 0 for f in nets) if nets else None,
            sum(_cents(f.net or 0.0) for f in nets) if nets else None, len(nets),
            with_shares.shares if with_shares else None, last.nav,
            sized.nav * (sized.shares or 0) if sized else None, before,
            any(f.is_suspect for f in some), max(f.known for f in some),
        )  # fmt: skip
        share = one.share
        if share is not None and abs(share) > 0.05:
            undone = [
                s.at
                for s in past[fund]
                if at - 3 <= s.at < at and (s.share or 0) * share < 0 and abs(s.share or 0) > 0.05
            ]
            one.undoes = max(undone, default=None)
        past[fund].append(one)
        found.append(one)
    return found


def flows_daily(world: World) -> pl.DataFrame:
    """One row per fund and session that learnt something of it."""
    rows = [
        {
            "instrument_id": s.fund, "session_date": world.days[s.at], "source": s.source, "fund_category": s.category,
            "observed_date": s.day, "n_days": s.days, "net_flow_usd": None if s.cents is None else s.cents / 100,
            "shares_outstanding": s.shares, "nav": s.nav, "aum": s.aum, "is_suspect": s.is_suspect,
            "is_heartbeat": s.undoes is not None, "known_at": int(world.snapshots[s.at]),
            "status": "OK" if s.flows
            else "SUSPECT_INPUT" if s.is_suspect else "NOT_PUBLISHED" if s.shares is None else "WARMUP",
        }
        for s in sessions(world)
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def week_ends(world: World) -> list[int]:
    """Per session: the position of its week's last session by the calendar; past the newest where that lies ahead."""
    monday = [day - timedelta(day.weekday()) for day in world.days]
    last = {m: n for n, m in enumerate(monday)}
    newest = world.seed("calendar")
    coming = [date.fromisoformat(r["date"]) for r in newest if r["is_session"] == "true"]
    ahead = [d for d in coming if world.days[-1] < d and d - timedelta(d.weekday()) == monday[-1]]
    if ahead:
        last[monday[-1]] = len(world.days)
    return [last[m] for m in monday]


def flows_weekly(world: World) -> pl.DataFrame:
    """One row per category and week that is over."""
    ends = week_ends(world)
    weeks: dict[tuple[str, str], dict[int, list[Flow]]] = defaultdict(lambda: defaultdict(list))
    for flow in flows(world):
        if flow.category:
            weeks[flow.category, flow.source][ends[flow.at]].append(flow)
    rows = []
    for (category, source), by_week in weeks.items():
        nets: list[float | None] = []
        for end, some in sorted(by_week.items()):
            if end >= len(world.days):
                continue
            known = [f for f in some if f.net is not None]
            firsts: dict[str, Flow] = {}
            for flow in sorted(some, key=lambda f: f.day):
                firsts.setdefault(flow.fund, flow)
            assets = [_whole(f.before) for f in firsts.values() if f.before is not None]
            net = sum(_cents(f.net or 0.0) for f in known) / 100 if known else None
            before = nets[-52:]
            usable = [x for x in before if x is not None]
            mean = float(np.mean(usable)) if usable else np.nan
            spread = float(np.std(usable, ddof=1)) if len(usable) > 1 else np.nan
            nets.append(net)
            last = nets[-12:]
            is_scored = len(before) == 52 and spread > 1e-12 and net is not None
            rows.append(
                {
                    "category": category, "week_end": world.days[end], "source": source, "session_date": world.days[end],
                    "net_flow_usd": net, "net_flow_pct_aum": 100 * net / sum(assets) if net is not None and assets else None,
                    "z_52w": (net - mean) / spread if is_scored and net is not None else None,
                    "persistence_12w": sum(x is not None and x > 0 for x in last) if len(last) == 12 else None,
                    "status": "OK" if known else "WARMUP", "known_at": int(world.snapshots[end]),
                    "status_z": "WARMUP" if len(before) < 52 or not known else "OK" if spread > 1e-12 else "UNDEFINED",
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


@dataclass
class Group:
    """A group of funds per session since its first: arrays of equal length; ``first`` is the position of the first."""

    first: int
    clean: np.ndarray
    pending: np.ndarray
    flows: np.ndarray
    before: np.ndarray
    coverage: np.ndarray
    age: np.ndarray
    known: np.ndarray
    observed: list[date | None]


@cache
def groups(world: World) -> dict[str, Group]:
    """US equity funds, bond funds and each other category. Both legs of a heartbeat are left out once it is undone; until
    then the first counts.
    """
    members: dict[str, dict[str, list[Session]]] = {"equity": defaultdict(list), "bond": defaultdict(list)}
    for s in sessions(world):
        if not s.category:
            continue
        name = "equity" if s.category == "equity_us" else s.category
        for group in [name, *(["bond"] if name.startswith("bond") else [])]:
            members.setdefault(group, defaultdict(list))[s.fund].append(s)
    return {name: _group(world, funds) for name, funds in members.items() if funds}


def _group(world: World, funds: dict[str, list[Session]]) -> Group:
    size = len(world.days)
    first = min(told[0].at for told in funds.values())
    total: dict[str, np.ndarray] = {
        k: np.zeros(size) for k in ("clean", "pending", "flows", "before", "fresh", "all", "known")
    }
    has_eve, age, observed = np.zeros(size, dtype=bool), np.full(size, np.inf), [None] * size
    latest: list[date | None] = observed  # newest day any fund has told of
    for told in funds.values():
        undone: dict[int, int] = {}
        for s in told:
            if s.undoes is not None:
                for leg in (s.at, s.undoes):
                    undone[leg] = min(s.at, undone.get(leg, s.at))
        eve: float | None = None
        by_at = {s.at: s for s in told}
        held: Session | None = None
        for n in range(told[0].at, size):
            if held is not None and eve is not None:
                total["before"][n] += _whole(eve)
                has_eve[n] = True
            s = by_at.get(n)
            if s is not None:
                if s.cents is not None:
                    if n in undone:
                        total["pending"][n : undone[n]] += s.cents
                    else:
                        total["clean"][n] += s.cents
                total["flows"][n] += s.flows > 0
                held = s if s.aum is not None else held
            if held is not None and held.aum is not None:
                old = n - held.at
                total["all"][n] += _whole(held.aum)
                total["fresh"][n] += _whole(held.aum) if old <= 3 else 0
                age[n] = min(age[n], old)
                total["known"][n] = max(total["known"][n], held.known)
                latest[n] = max(held.day, latest[n] or date.min)  # type: ignore[call-overload]
                eve = held.aum
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = np.where(total["all"] > 0, total["fresh"] / total["all"], np.nan)
    cut: Any = slice(first, None)
    return Group(
        first, total["clean"][cut], total["pending"][cut], total["flows"][cut],
        np.where(has_eve, total["before"], np.nan)[cut], coverage[cut], age[cut], total["known"][cut], latest[first:],
    )  # fmt: skip
