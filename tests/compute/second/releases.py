"""What each release printed first, what was expected of it, and by how much it surprised; ``events`` and MA10.

Belongs here: measures of releases, decisions and speeches as events. Does not: what a publication said (``macro``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from ingestion.calendar import NEW_YORK
from second import fed_funds, rebalances, uncertainty
from second.facts import World, micros, moment
from second.ladders import ladders
from second.macro import DAY, changes, histories, is_rebuilt, is_stale
from second.rates import meetings
from second.readings import shaped

LEAST_PAST = 24
FIVE_DAYS = 5 * DAY


def printed(value: float, decimals: int) -> float:
    """Rounded as a statistical office prints it: half away from zero."""
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


@dataclass
class Figure:
    """One measure of one period when it first came. ``status`` speaks for ``actual``."""

    measure: dict[str, str]
    period: date
    known: int
    is_rebuilt: bool
    actual: float | None
    status: str
    previous: float | None
    expected: float | None = None
    source: str | None = None
    kind: str | None = None
    surprise: float | None = None
    z: float | None = None
    past: int = 0

    @property
    def status_surprise(self) -> str:
        """OK, or why there is no surprise."""
        return self.status if self.status != "OK" else "NOT_AVAILABLE" if self.surprise is None else "OK"

    @property
    def status_z(self) -> str:
        """OK, or why the surprise has no scale."""
        if self.status_surprise != "OK":
            return self.status_surprise
        return "OK" if self.z is not None else "WARMUP" if self.past < LEAST_PAST else "UNDEFINED"


def _firsts(world: World, measure: dict[str, str]) -> list[Figure]:
    series = next(r for r in world.seed("series") if r["series_id"] == measure["series_id"])
    history = histories(world).get(measure["series_id"])
    what, scale, decimals = measure["measure"], float(measure["scale"]), int(measure["decimals"])
    found: dict[date, Figure] = {}
    before: tuple[date, float | None, bool] | None = None
    for said in history.said if history else []:
        made = changes(said, series, history.first_period)  # type: ignore[union-attr]
        raw, why = {
            "value": (said.panel[said.newest], "OK"),
            "mom": (made["mom"], made["status_mom"]),
            "yoy": (made["yoy"], made["status_yoy"]),
            "change_1": (made["headline"], made["status_mom"]),
        }[what]
        old, now = is_rebuilt(said, series), None if raw is None else printed(scale * raw, decimals)
        if before and said.newest > before[0] and said.newest not in found:
            is_told = why == "OK" and not old
            word = "OK" if is_told and now is not None else "NOT_AVAILABLE" if old else why
            found[said.newest] = Figure(
                measure, said.newest, said.known, old, now if is_told else None, word, None if before[2] else before[1]
            )
        before = (said.newest, now, old)
    return list(found.values())


def _expected(world: World, one: Figure) -> tuple[float, str] | None:
    """The newest that was held before the release: bets of the last five days, else a dated report, else the nowcast."""
    name = one.measure["kalshi_series"]
    bets = [
        (k.known, k.median)
        for k in ladders(world)
        if name and k.series == name and k.month == one.period and k.median is not None
        and one.known - FIVE_DAYS <= k.known < one.known
    ]  # fmt: skip
    if bets:
        return max(bets)[1], "kalshi"  # type: ignore[return-value]
    for row in world.seed("expected_figures"):
        if row["measure_id"] == one.measure["measure_id"] and row["obs_period"] == str(one.period):
            return float(row["expected"]), "seed"
    told = [t for t in _nowcasts(world).get((one.measure["nowcast_measure"], one.period), []) if t[1] < one.known]
    return (max(told)[2], "nowcast") if told else None


@cache
def _nowcasts(world: World) -> dict[tuple[str, date], list[tuple[date, int, float]]]:
    found: dict[tuple[str, date], list[tuple[date, int, float]]] = defaultdict(list)
    for row in world.versions("clevelandfed_nowcast").iter_rows(named=True):
        told = (row["vintage_date"], micros(row["known_at"]), row["value"])
        found[row["measure"], row["target_month"]].append(told)
    return found


@cache
def figures(world: World) -> dict[str, list[Figure]]:
    """Measure → its first prints in the order in which they came."""
    found = {}
    for measure in world.seed("release_measures"):
        rows = sorted(_firsts(world, measure), key=lambda f: f.known)
        past: dict[str, list[float]] = defaultdict(list)
        for one in rows:
            told, digits = _expected(world, one), int(measure["decimals"]) + 2
            kind = "prior" if one.previous is not None else None
            if told:
                one.expected, one.source = round(told[0], digits), told[1]
                kind = "nowcast" if told[1] == "nowcast" else "consensus"
            against = one.previous if kind == "prior" else one.expected
            earlier = past[kind or ""]
            one.past = len(earlier)
            if one.actual is None or against is None:
                continue
            one.surprise, one.kind = round(one.actual - against, digits), kind
            if len(earlier) >= LEAST_PAST and np.var(earlier) * len(earlier) > 1e-9:
                one.z = one.surprise / float(np.std(earlier, ddof=1))
            earlier.append(one.surprise)
        found[measure["measure_id"]] = rows
    return found


def _of_release(one: Figure) -> dict[str, Any]:
    m = one.measure
    return {
        "event_id": f"release:{m['measure_id']}:{one.period}", "kind": "release", "driver_id": "macro", "title": m["name"],
        "measure_id": m["measure_id"], "obs_period": one.period, "unit": m["unit"], "actual": one.actual,
        "previous": one.previous, "expected": one.expected, "expected_source": one.source, "surprise": one.surprise,
        "surprise_kind": one.kind, "surprise_z": one.z, "status": one.status, "status_surprise": one.status_surprise,
        "status_surprise_z": one.status_z, "known": one.known, "is_scheduled": True,
    }  # fmt: skip


def _decisions(world: World) -> list[dict[str, Any]]:
    found = []
    for one in meetings(world):
        if one.decided > micros(world.as_of) or one.cancelled:
            continue
        # the evening before: the newest session told before the statement, five days old at most
        n = world.last_snapshot(one.decided - 1)
        expected = None
        while n >= 0 and world.snapshots[n] >= one.decided - FIVE_DAYS and expected is None:
            path = fed_funds.paths(world).get((n, fed_funds.BOTH))
            if path and path.next and path.next.day == one.day and one.day in path.odds:
                expected = fed_funds.sums(path.odds[one.day])[3]
            n -= 1
        change = one.change_bp
        title = "Policy decision"
        if change is not None:
            title += f": target {change:+.0f} bp" if change else ": target unchanged"
        both = change is not None and expected is not None
        found.append(
            {
                "event_id": f"fomc:{one.day}", "kind": "fomc", "driver_id": "policy", "title": title, "unit": "bp",
                "actual": change, "expected": expected, "expected_source": "zq" if expected is not None else None,
                "surprise": change - expected if both else None,  # type: ignore[operator]
                "surprise_kind": "market" if both else None, "is_scheduled": one.is_scheduled, "known": one.decided,
                "status": "NOT_AVAILABLE" if change is None else "OK", "status_surprise": "OK" if both else "NOT_AVAILABLE",
            }
        )  # fmt: skip
    return found


def _speeches(world: World) -> list[dict[str, Any]]:
    rows = world.firsts("fed_rss").filter(pl.col("feed") == "speeches")
    return [
        {
            "event_id": f"speech:{row['link']}", "kind": "speech", "driver_id": "policy", "title": row["title"],
            "url": row["link"], "known": micros(row["published_at"]), "is_scheduled": True,
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


def _of_coins(world: World) -> list[dict[str, Any]]:
    """What the seed tells of coins."""
    return [
        {
            "event_id": f"crypto:{r['event_id']}",
            "known": micros(datetime.fromisoformat(r["known_at"] + ":00")),
            "kind": "crypto",
            "driver_id": "cross_asset",
            "title": r["title"],
            "url": r["url"],
            "instrument_id": r["instrument_id"] or None,
            "is_scheduled": r["is_scheduled"] == "true",
        }
        for r in world.seed("crypto_events")
    ]


def _of_proposals(world: World) -> list[dict[str, Any]]:
    """Proposals that aim at a sector, as the seed lists them."""
    return [
        {
            "event_id": f"proposal:{r['proposal_id']}", "known": micros(datetime.fromisoformat(r["known_at"])),
            "kind": "policy", "driver_id": "fiscal", "title": r["title"], "url": r["url"], "is_scheduled": False,
        }
        for r in world.seed("policy_proposals")
    ]  # fmt: skip


def events(world: World) -> pl.DataFrame:
    """Everything that had happened by the newest snapshot."""
    releases = [_of_release(f) for fs in figures(world).values() for f in fs if not f.is_rebuilt]
    texts = ("url", "instrument_id", "measure_id", "unit", "expected_source", "surprise_kind")
    numbers = ("actual", "previous", "expected", "surprise", "surprise_z")
    nothing = dict.fromkeys((*texts, *numbers, "obs_period"))
    nothing |= dict.fromkeys(("status", "status_surprise", "status_surprise_z"), "NOT_AVAILABLE")
    nothing |= {"is_reconstructed": False}
    rows = []
    others = uncertainty.events(world) + rebalances.happened(world) + _of_coins(world) + _of_proposals(world)
    for row in releases + _decisions(world) + _speeches(world) + others:
        known = row.pop("known")
        n = world.first_snapshot(known)
        if n is not None:
            day = moment(known).astimezone(NEW_YORK).date()
            rows.append(nothing | row | {"date": day, "session_date": world.days[n], "known_at": float(known)})
    kinds = dict.fromkeys(texts, pl.String) | dict.fromkeys(numbers, pl.Float64)
    return pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)


def surprises(world: World) -> pl.DataFrame:
    """MA10: the surprise of the newest figure of each measure, as long as that is news."""
    found = []
    series = {r["series_id"]: r for r in world.seed("series")}
    for name, rows in figures(world).items():
        row = series[rows[0].measure["series_id"]]
        of = {f.period: f for f in rows if not f.is_rebuilt}
        on, values, words, used, known, period = [], [], [], [], [], []
        for n, day in enumerate(world.days):
            snapshot = int(world.snapshots[n])
            said = histories(world)[row["series_id"]].at(snapshot) if str(day) >= row["history_from"] else None
            if said is None:
                continue
            one = of.get(said.newest)
            one = one if one is not None and one.known <= snapshot else None
            on.append(n)
            values.append(np.nan if one is None or one.z is None else one.z)
            stale = is_stale(said, snapshot, row["frequency"])
            words.append("STALE_INPUT" if stale else "NOT_AVAILABLE" if one is None else one.status_z)
            used.append(0 if one is None else one.past)
            known.append(said.known if one is None else one.known)
            period.append(np.datetime64(said.newest, "D"))
        found.append(
            shaped(
                f"MA10_{name}", "US", world, np.array(on), values, np.array(words), used, LEAST_PAST, np.array(known),
                np.array(period),
            )
        )  # fmt: skip
    return pl.concat(found)
