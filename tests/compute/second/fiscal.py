"""What the government takes in, pays and holds (FI01, FI02, FI03), and proposals that aim at a sector (FI04).

Belongs here: deficits of windows by the Daily Treasury Statement, its balance, and both against the product; what sectors did
around proposals. Does not: what was said of the product when (``macro``), levels of funds (``leadership``). In this world
every statement comes in time, follows the one before and adds up; that is asserted, and the statuses of those that do not
are shown by the unit tests of the models.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import polars as pl

from ingestion import calendar
from second import leadership, uncertainty
from second.facts import World, micros
from second.macro import back, histories, is_rebuilt, is_stale
from second.readings import shaped

SINCE = date(2015, 1, 2)
FRESH, STEPS = 7, 20


class Statements(NamedTuple):
    """Days of statements, ascending: deficit and closing balance in dollars, when all of it was known."""

    days: list[date]
    deficit: list[int]
    closing: list[int]
    known: list[int]


@cache
def statements(world: World) -> Statements:
    """All statements, from the lines as sums."""
    by_day: dict[date, dict[str, tuple[int, int]]] = {}
    for row in world.firsts("fiscal_dts").iter_rows(named=True):
        by_day.setdefault(row["observed_on"], {})[row["item"]] = (int(row["amount_usd"]), micros(row["known_at"]))
    days = sorted(by_day)
    found = Statements(days, [], [], [])
    before = None
    for day in days:
        x = {item: amount for item, (amount, _) in by_day[day].items()}
        paid = x["withdrawals"] - x["debt_redemptions"]
        taken = x["deposits"] - x["debt_issues"]
        assert before is None or x["opening"] == before, f"a statement is missing before {day}"
        assert paid - taken == x["debt_issues"] - x["debt_redemptions"] - (x["closing"] - x["opening"])
        before = x["closing"]
        found.deficit.append(paid - taken)
        found.closing.append(x["closing"])
        found.known.append(max(known for _, known in by_day[day].values()))
    assert found.known == sorted(found.known)
    return found


def _fiscal(day: date) -> date:
    """The first day of its fiscal year."""
    return date(day.year if day.month >= 10 else day.year - 1, 10, 1)


@cache
def deficits(world: World) -> pl.DataFrame:
    """FI01 to FI03 session by session."""
    s = statements(world)
    total = [0, *accumulate(s.deficit)]  # before each statement

    def between(first: date, last: date) -> int:
        return total[bisect_right(s.days, last)] - total[bisect_left(s.days, first)]

    product = histories(world)["GDP"]
    on, rows = [], []
    for n, snapshot in enumerate(world.snapshots):
        k = bisect_right(s.known, snapshot) - 1
        if k < 0 or world.days[n] < SINCE:
            continue
        assert (world.days[n] - s.days[k]).days <= FRESH
        day, year = s.days[k], _fiscal(s.days[k])
        count = k + 1 - bisect_left(s.days, year)
        prior = bisect_left(s.days, year.replace(year=year.year - 1))
        end = min(prior + count, bisect_left(s.days, year))
        so_far = between(year, day)
        young = s.days[0] >= year.replace(year=year.year - 1)
        now = between(day - timedelta(364), day)
        then = between(day - timedelta(729), day - timedelta(365))
        assert s.days[0] < day - timedelta(729)
        said = product.at(int(snapshot))
        gdp = None if said is None else said.panel[said.newest]
        earlier = None if said is None else said.panel.get(back(said.newest, 4, "Q"))
        word = "NOT_PUBLISHED" if said is None else "STALE_INPUT" if is_stale(said, int(snapshot), "Q") else "OK"
        if word == "OK" and earlier is None:
            word = "WARMUP"
        on.append(n)
        rows.append(
            {
                "day": day, "known": s.known[k], "30d": between(day - timedelta(29), day), "fytd": so_far,
                "change": so_far - (total[end] - total[prior]), "word_prior": "WARMUP" if young else "OK",
                "cash": s.closing[k] - s.closing[k - STEPS],
                "impulse": np.nan if word != "OK" else 100 * (now / (1e9 * gdp) - then / (1e9 * earlier)),  # type: ignore[operator]
                "word": word, "used": 2 + (word in ("OK", "WARMUP")),
                "known_gdp": max(s.known[k], 0 if said is None else said.known),
            }
        )  # fmt: skip
    c = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    at, period = np.array(on), c["day"].astype("datetime64[D]")
    used_prior = np.where(c["word_prior"] == "OK", 2, 0)
    return pl.concat(
        [
            shaped("FI01_30d", "US", world, at, c["30d"], "OK", 30, 30, c["known"], period),
            shaped("FI01_fytd", "US", world, at, c["fytd"], "OK", 1, 1, c["known"], period),
            shaped(
                "FI01_fytd_change", "US", world, at, c["change"], c["word_prior"], used_prior, 2, c["known"], period
            ),
            shaped("FI02_20d", "US", world, at, c["cash"], "OK", STEPS, STEPS, c["known"], period),
            shaped("FI03", "US", world, at, c["impulse"], c["word"], c["used"], 3, c["known_gdp"], period),
        ]
    )


class Proposal(NamedTuple):
    """What the sector of a proposal did, told by the session after the one that could answer first."""

    told: int
    category: str
    sector: str
    abnormal: float
    word: str
    known: int


@cache
def proposals(world: World) -> list[Proposal]:
    """Those whose window is over."""
    sectors, broad = leadership.held(world)
    changes = {name: fund.change(3) for name, fund in (*sectors.items(), ("", broad))}
    closes = [micros(moment) for moment in map(calendar.close_at, world.days) if moment is not None]
    found = []
    for row in world.seed("policy_proposals"):
        public = micros(datetime.fromisoformat(row["known_at"]))
        told = bisect_left(closes, public) + 1
        if told >= len(world.days):
            continue
        (own, word, known), (market, why, market_known) = changes[row["sector_id"]], changes[""]
        value = 100 * (np.log1p(own[told]) - np.log1p(market[told]))
        says = str(word[told]) if word[told] != "OK" else str(why[told])
        at = max(public, *(int(k[told]) for k in (known, market_known) if not np.isnan(k[told])))
        found.append(Proposal(told, row["category"], row["sector_id"], float(value), says, at))
    return found


def overhang(world: World) -> pl.DataFrame:
    """FI04 and what each sector did."""
    listed = [micros(datetime.fromisoformat(row["known_at"])) for row in world.seed("policy_proposals")]
    on, rows = [], []
    for n, snapshot in enumerate(world.snapshots):
        if min(listed) > snapshot or world.days[n] < SINCE:
            continue
        counted, bad, why, known = 0, 0, [], []
        lately = [p for p in proposals(world) if n - 63 < p.told <= n]
        for p in lately:
            month = uncertainty.months(world, f"epu_{p.category}")[n]
            known += [p.known, month.known]
            word = p.word
            if word == "OK":
                word = "STALE_INPUT" if not month.fresh else "WARMUP" if np.isnan(month.rank) else "OK"
            if word != "OK":
                why.append(word)
                continue
            counted += 1
            bad += p.abnormal < 0 and month.rank > 80
        on.append(n)
        says = "OK" if bad or not why else min(why)
        rows.append((float(bad > 0), says, 1 + counted, 1 + len(lately), max(known, default=0)))
    value, word, used, expected, moments = (np.array(column) for column in zip(*rows, strict=True))
    frames = [shaped("FI04", "US", world, np.array(on), value, word, used, expected, moments)]
    frames += [
        shaped(
            "FI04_abnormal", p.sector, world, np.array([p.told]), [p.abnormal], [p.word], p.word == "OK", 1, [p.known]
        )
        for p in proposals(world)
    ]
    return pl.concat(frames)


def rebuilt(world: World) -> set[tuple[str, date]]:
    """Sessions of FI03 whose product nobody knew at the time, and of FI04 with a count nobody knew then."""
    product = histories(world)["GDP"]
    series = next(row for row in world.seed("series") if row["series_id"] == "GDP")
    found = set()
    for n, snapshot in enumerate(world.snapshots):
        said = product.at(int(snapshot))
        if said is not None and world.days[n] >= SINCE and is_rebuilt(said, series):
            found.add(("FI03", world.days[n]))
        for p in proposals(world):
            if n - 63 < p.told <= n and uncertainty.months(world, f"epu_{p.category}")[n].seen > snapshot:
                found.add(("FI04", world.days[n]))
    return found
