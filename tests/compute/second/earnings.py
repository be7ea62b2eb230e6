"""The reporting season: what companies reported, what was expected, the calendar and forecasts; EA01 to EA10, EA12, EA13.

Belongs here: figures on the analysts' basis (Nasdaq), and seasons of both sources. Does not: quarters made of filings
(``company_reports``), weights (``companies``). A season is the calendar quarter that ended last. Amounts are whole dollars.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from second import breadth
from second.companies import Companies, companies, whole
from second.company_reports import INCOME, quarter_no, quarters
from second.facts import World, micros, moment
from second.prices import prices
from second.readings import shaped

NEW_YORK = ZoneInfo("America/New_York")
LATEST = 120  # days after the end of a quarter at which its report still counts as one
ASKED = 25  # sessions for which a forecast asked for counts
AHEAD = 45  # days
LEAST = 5  # reports
LARGEST, GAINS = 7, 10
FIGURES = ("eps", "met", "beat", "surprise", "size", "prior", "expected")


def first_day(number: int) -> date:
    """Of a calendar quarter."""
    return date(number // 4, number % 4 * 3 + 1, 1)


def in_new_york(known: datetime) -> datetime:
    """Without a zone."""
    return known.astimezone(NEW_YORK).replace(tzinfo=None)


@dataclass(frozen=True)
class Report:
    """What a company reported of a quarter (number): ``at`` is the last session by its day, ``known`` in microseconds."""

    name: str
    quarter: int
    fiscal_end: date
    day: date
    timing: str
    timing_source: str | None
    hour_known: int
    effective: int | None
    eps: float
    forecast: float | None
    at: int
    known: int


def _nasdaq(world: World) -> list[dict[str, Any]]:
    """Every version of the calendar in the order of knowledge, with ``until`` (when the next was known; none: for ever)."""
    rows = world.versions("nasdaq_earnings_calendar").to_dicts()
    next_of: dict[tuple[date, str], int | None] = {}
    for row in reversed(rows):
        key = (row["report_date"], row["symbol"])
        row["until"], row["known"] = next_of.get(key), micros(row["known_at"])
        next_of[key] = row["known"]
        row["is_present"] = row["is_present"] is not False
    return rows


@cache
def calendar_rows(world: World) -> list[dict[str, Any]]:
    """The same, read once."""
    return _nasdaq(world)


@cache
def half_days(world: World) -> set[date]:
    """On which the exchange closes at 13:00."""
    return {date.fromisoformat(r["date"]) for r in world.seed("calendar") if r["is_half_day"] == "true"}


@cache
def reports(world: World) -> dict[tuple[str, int], Report]:
    """(stock, quarter) → its report: the first figure told, near the end of the quarter."""
    ciks = dict(zip(companies(world).names, companies(world).cik, strict=True))
    filings: dict[int, list[tuple[date, datetime, int]]] = {}
    for row in world.versions("sec_submissions").iter_rows(named=True):
        if row["form"] == "8-K" and "2.02" in (row["items"] or ""):
            accepted = in_new_york(row["accepted_at"])
            filings.setdefault(row["cik"], []).append((accepted.date(), accepted, micros(row["known_at"])))
    first: dict[tuple[str, int], dict[str, Any]] = {}
    for row in sorted(calendar_rows(world), key=lambda r: (r["known"], r["report_date"])):
        if row["eps"] is None or not row["is_present"] or row["fiscal_end"] is None:
            continue
        if 0 <= (row["report_date"] - row["fiscal_end"]).days <= LATEST:
            name = world.owner(row["symbol"], row["report_date"])
            first.setdefault((name, quarter_no(row["fiscal_end"])), row)
    expected: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for r in calendar_rows(world):
        if r["eps"] is None and r["is_present"] and r["eps_forecast"] is not None and r["fiscal_end"] is not None:
            name = world.owner(r["symbol"], r["report_date"])
            expected.setdefault((name, quarter_no(r["fiscal_end"])), []).append(r)
    found = {}
    for (name, quarter), row in first.items():
        day = row["report_date"]
        midnight = micros(datetime.combine(day, time(), NEW_YORK))
        before = [r for r in expected.get((name, quarter), []) if r["known"] < midnight]
        forecast = before[-1]["eps_forecast"] if before else row["eps_forecast"]
        told = [f for f in filings.get(ciks.get(name) or 0, []) if day - timedelta(1) <= f[0] <= day]
        filed = min(told, key=lambda f: (-f[0].toordinal(), f[1])) if told else None
        found[name, quarter] = _report(world, name, quarter, row, forecast, filed)
    return found


def _report(
    world: World, name: str, quarter: int, row: dict[str, Any], forecast: float | None,
    filed: tuple[date, datetime, int] | None,
) -> Report:  # fmt: skip
    """The vendor's hour counts on the vendor's day; without one, the hour and the day of the filing."""
    timing, source, day, known = row["timing"], "nasdaq", row["report_date"], 0
    if timing == "unknown" and filed is not None:
        day, accepted, known = filed
        closes = time(13) if day in half_days(world) else time(16)
        timing = "bmo" if accepted.time() < time(9, 30) else "amc" if accepted.time() >= closes else "during"
        source = "sec"
    effective = None
    if timing != "unknown":
        effective = world.session_on_or_after(day + timedelta(1) if timing == "amc" else day)
    return Report(
        name, quarter, row["fiscal_end"], row["report_date"], timing, source if timing != "unknown" else None, known,
        effective, row["eps"], forecast, world.session_on_or_before(row["report_date"]), row["known"],
    )  # fmt: skip


@dataclass(frozen=True)
class Sized:
    """Members as the better of the sources has them, whether it is enough or not; per session."""

    size: np.ndarray
    n_sized: np.ndarray
    weight: np.ndarray
    status: np.ndarray
    known: np.ndarray


@cache
def sized(world: World) -> Sized:
    """The first source that covers enough of last quarter's trading, else the one that covers most."""
    c = companies(world)
    sources = [c.fund_sizes("spy_holdings")[0], c.fund_sizes("ivv_holdings")[0], c.diluted]
    size, floor = np.full(c.close.shape, np.nan), float(c.universe["weights_floor"])
    for day in range(c.sized_since, len(world.days)):
        total = (c.turnover[:, day] * c.member[:, day]).sum()
        covered = [(c.turnover[:, day] * ~np.isnan(one[:, day])).sum() for one in sources]
        enough = [n for n in range(3) if covered[n] and covered[n] >= floor * total]
        if any(covered):
            size[:, day] = sources[enough[0] if enough else int(np.argmax(np.round(np.array(covered) / total, 6)))][
                :, day
            ]
    return Sized(size, (~np.isnan(size)).sum(axis=0), *c.weights())


class Seasons:
    """The season of each session company by company. Matrices are of issuers (rows) by sessions."""

    def __init__(self, world: World) -> None:
        self.world, self.c = world, companies(world)
        self.number = np.array([day.year * 4 + (day.month - 1) // 3 for day in world.days])
        self.first = {"edgar": self.c.sized_since, "nasdaq": min(r.at for r in reports(world).values())}
        self.issuers = int(self.c.issuer.max()) + 1
        shape = (self.issuers, len(world.days))
        self.member = np.zeros(shape, dtype=bool)
        np.logical_or.at(self.member, self.c.issuer, self.c.member)
        self.turnover, self.size, self.shares = (np.zeros(shape) for _ in range(3))
        np.add.at(self.turnover, self.c.issuer, np.where(self.c.member, self.c.turnover, 0))
        lines = sized(world).size
        np.add.at(self.size, self.c.issuer, np.nan_to_num(whole(lines)))
        with np.errstate(invalid="ignore"):
            shares = whole(np.round(lines / self.c.close, 4))
        np.add.at(self.shares, self.c.issuer, np.nan_to_num(shares))
        is_sized = np.zeros(shape, dtype=bool)
        np.logical_or.at(is_sized, self.c.issuer, ~np.isnan(lines))
        self.size[~is_sized] = self.shares[~is_sized] = np.nan
        self.sector, self.third = self._places()
        self.of_line = {name: np.full(self.c.close.shape, np.nan) for name in FIGURES}
        self.told = np.zeros(self.c.close.shape, dtype=bool)
        self.line_known = np.zeros(self.c.close.shape)
        self._tell()

    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        """Names of sector and size of each issuer, "" for none; of several lines the first by name."""
        stocks = breadth.all_stocks(self.world)
        place = {name: n for n, name in enumerate(stocks.names)}
        rows = [place[name] for name in self.c.names]
        found = {kind: np.full(self.member.shape, "~", dtype="<U24") for kind in ("sector", "size")}
        for kind, label, mask in breadth.parts(self.world, stocks, self.c.universe["universe_id"]):
            if kind in found:
                for row, issuer in zip(rows, self.c.issuer, strict=True):
                    there = mask[row] & (label < found[kind][issuer])
                    found[kind][issuer, there] = label
        return tuple(np.where(x == "~", "", x) for x in (found["sector"], found["size"]))  # type: ignore[return-value]

    def _spell(self, quarter: int, known: int) -> slice:
        """The sessions of a quarter's season that know something."""
        low, high = (int(np.searchsorted(self.number, quarter + n)) for n in (1, 2))
        first = self.world.first_snapshot(known)
        return slice(high if first is None else min(max(low, first), high), high)

    def _tell(self) -> None:
        world, c, line = self.world, self.c, self.of_line
        rows = {name: n for n, name in enumerate(c.names)}
        ahead = sorted(
            (r for r in calendar_rows(world) if r["is_present"] and r["eps"] is None and r["fiscal_end"] is not None),
            key=lambda r: (r["known"], r["report_date"]),
        )
        last_year = np.full(c.close.shape, np.nan)
        for r in ahead:
            row = rows.get(world.owner(r["symbol"], r["report_date"]))
            if row is None:
                continue
            on = self._spell(quarter_no(r["fiscal_end"]), r["known"])
            then = c.split_at(row, world.session_on_or_before(in_new_york(moment(r["known"])).date()))
            for target, value in ((line["expected"], r["eps_forecast"]), (last_year, r["last_year_eps"])):
                target[row, on] = np.nan if value is None else value * then / c.split[row, on]
            self.line_known[row, on] = np.maximum(self.line_known[row, on], r["known"])
            if r["until"] is not None:  # gone from its day: nothing is expected any more
                line["expected"][row, self._spell(quarter_no(r["fiscal_end"]), r["until"])] = np.nan
        for r in world.versions("nasdaq_forecast").filter(pl.col("period_kind") == "quarter").iter_rows(named=True):
            row = rows.get(world.owner(r["symbol"], r["asked_on"]))
            if row is not None and r["consensus_eps"] is not None:
                at, known = world.session_on_or_before(r["asked_on"]), micros(r["known_at"])
                on = self._spell(quarter_no(r["fiscal_end"]), known)
                on = slice(on.start, max(on.start, min(on.stop, at + ASKED + 1)))
                value = r["consensus_eps"] * c.split_at(row, at) / c.split[row, on]
                line["expected"][row, on] = np.where(np.isnan(value), line["expected"][row, on], value)
                self.line_known[row, on] = np.maximum(self.line_known[row, on], known)
        line["prior"][:] = last_year
        for one in reports(world).values():
            row = rows.get(one.name)
            if row is None:
                continue
            then = c.split_at(row, one.at)
            on, later = self._spell(one.quarter, one.known), self._spell(one.quarter + 4, one.known)
            self.told[row, on] = True
            line["eps"][row, on] = one.eps * then / c.split[row, on]
            prior = one.eps * then / c.split[row, later]
            line["prior"][row, later] = np.where(np.isnan(prior), last_year[row, later], prior)
            if one.forecast is not None:
                line["met"][row, on] = one.forecast * then / c.split[row, on]
                line["beat"][row, on] = round(one.eps - one.forecast, 2)
                line["size"][row, on] = abs(one.forecast)
                line["surprise"][row, on] = (
                    100 * (one.eps - one.forecast) / abs(one.forecast) if one.forecast else np.nan
                )
            for when in (on, later):
                self.line_known[row, when] = np.maximum(self.line_known[row, when], one.known)

    def nasdaq(self) -> dict[str, np.ndarray]:
        """amount, prior, met and expected in whole dollars, beat, surprise, is_told, known."""
        figure = {name: np.full(self.member.shape, np.nan) for name in FIGURES}
        told, known = np.zeros(self.member.shape, dtype=bool), np.zeros(self.member.shape)
        for row in range(len(self.c.names)):  # in the order of names: the first line that has a figure gives it
            issuer, there = self.c.issuer[row], self.c.member[row]
            for name, values in figure.items():
                fresh = there & np.isnan(values[issuer])
                values[issuer, fresh] = self.of_line[name][row, fresh]
            told[issuer] |= there & self.told[row]
            known[issuer] = np.where(there, np.maximum(known[issuer], self.line_known[row]), known[issuer])
        eps, met = figure["eps"], figure["met"]
        return {
            "amount": whole(np.where(np.isnan(eps), figure["expected"], eps) * self.shares),
            "prior": whole(figure["prior"] * self.shares), "expected": whole(met * self.shares),
            "met": np.where(np.isnan(met), np.nan, whole(eps * self.shares)), "beat": figure["beat"],
            "surprise": np.where(figure["size"] >= 0.01, figure["surprise"], np.nan), "is_told": told, "known": known,
        }  # fmt: skip

    def edgar(self) -> dict[str, np.ndarray]:
        """The same of net income as filed; nothing was expected."""
        found = {name: np.full(self.member.shape, np.nan) for name in ("amount", "prior", "met", "expected", "beat")}
        found |= {"surprise": found["beat"], "known": np.zeros(self.member.shape)}
        issuer_of = dict(zip(self.c.cik, self.c.issuer, strict=True))
        for cik, versions in quarters(self.world, INCOME).items():
            for one in sorted(versions, key=lambda q: (q.known, q.end)):
                for name, number in (("amount", 0), ("prior", 4)):
                    on = self._spell(quarter_no(one.end) + number, one.known)
                    found[name][issuer_of[cik], on] = one.value
                    known = found["known"][issuer_of[cik]]
                    known[on] = np.maximum(known[on], one.known)
        return found | {"is_told": ~np.isnan(found["amount"])}


def _sum(x: np.ndarray) -> float:
    """Of whole numbers, which is exact; NaN of none."""
    return float(x.sum()) if x.size else np.nan


def _growth(amount: np.ndarray, prior: np.ndarray) -> float:
    return 100 * (_sum(amount) / _sum(prior) - 1) if prior.size and _sum(prior) > 0 else np.nan


def _segment(
    s: dict[str, np.ndarray], who: np.ndarray, turnover: np.ndarray, size: np.ndarray, floor: float
) -> dict[str, Any]:
    """One segment of one session: ``s`` are the columns of the session, ``who`` its issuers."""
    amount, prior, surprise, beat = (s[name][who] for name in ("amount", "prior", "surprise", "beat"))
    both = ~np.isnan(amount) & ~np.isnan(prior)
    change = amount[both] - prior[both]
    judged = ~np.isnan(s["met"][who]) & ~np.isnan(s["expected"][who])
    met, expected = s["met"][who][judged], s["expected"][who][judged]
    is_large = np.zeros(who.size, dtype=bool)
    is_large[np.argsort(np.where(np.isnan(size[who]), np.inf, -size[who]), kind="stable")[:LARGEST]] = True
    rest, earned = both & ~is_large, amount[amount > 0]
    n_judged, with_surprise = int((~np.isnan(beat)).sum()), surprise[~np.isnan(surprise)]
    profitable = prior > 0
    known = s["known"][who]
    one = {
        "members": who.size, "reported": int(s["is_told"][who].sum()), "n_judged": n_judged,
        "beats": int((beat > 0).sum()), "in_line": int((beat == 0).sum()), "misses": int((beat < 0).sum()),
        "n_surprises": with_surprise.size, "median_surprise": np.median(with_surprise) if with_surprise.size else np.nan,
        "surprise": 100 * (_sum(met) - _sum(expected)) / abs(_sum(expected)) if expected.size and expected.sum() else np.nan,
        "n_both": int(both.sum()), "growth": _growth(amount[both], prior[both]),
        "growth_ex7": _growth(amount[rest], prior[rest]), "grew": int((change > 0).sum()),
        "median_growth": np.nan, "change": _sum(change), "top10": np.nan,
        "hhi": float(((earned / earned.sum()) ** 2).sum()) if earned.size else np.nan,
        "coverage": round(turnover[who][both].sum() / turnover[who].sum(), 6) if turnover[who].sum() else np.nan,
        "known": known.max() if known.size else 0,
    }  # fmt: skip
    if (both & profitable).any():
        one["median_growth"] = 100 * float(np.median((amount / prior - 1)[both & profitable]))
    if one["change"] > 0:
        one["top10"] = _sum(np.sort(change[change > 0])[::-1][:GAINS]) / one["change"]
    is_short = one["n_both"] == 0 or turnover[who][both].sum() < floor * turnover[who].sum()
    one["status_growth"] = "LOW_COVERAGE" if is_short else "UNDEFINED" if _sum(prior[both]) <= 0 else "OK"
    is_short = n_judged < LEAST or not with_surprise.size
    one["status_beats"] = "LOW_COVERAGE" if is_short else "OK"
    traded, has_beat = turnover[who], ~np.isnan(beat)
    is_short |= np.isnan(one["surprise"]) or traded[judged & has_beat].sum() < floor * traded[has_beat].sum()
    one["status_surprise"] = "LOW_COVERAGE" if is_short else "OK"
    return one


@cache
def segments(world: World) -> list[dict[str, Any]]:
    """One dictionary per source, session and segment, in that order; ``n`` is the position of the session."""
    seasons = Seasons(world)
    name, floor = seasons.c.universe["universe_id"], float(seasons.c.universe["earnings_floor"])
    found = []
    # who is where in the order of issuers' names, which breaks ties
    for source, columns in (("edgar", seasons.edgar()), ("nasdaq", seasons.nasdaq())):
        for n in range(seasons.first[source], len(world.days)):
            s = {key: values[:, n] for key, values in columns.items()}
            members = np.flatnonzero(seasons.member[:, n])
            parts = [("universe", name, members)]
            for kind, labels in (("sector", seasons.sector[:, n]), ("size", seasons.third[:, n])):
                parts += [
                    (kind, str(label), members[labels[members] == label])
                    for label in np.unique(labels[members])
                    if label
                ]
            for kind, label, who in parts:
                one = _segment(s, who, seasons.turnover[:, n], seasons.size[:, n], floor)
                if source == "edgar":
                    one |= {"status_beats": "NOT_AVAILABLE", "status_surprise": "NOT_AVAILABLE"}
                one |= {"source": source, "n": n, "type": kind, "id": label, "quarter": int(seasons.number[n]) - 1}
                found.append(one | {"known": one["known"] or int(world.snapshots[n])})
    _count_streaks(found)
    return found


def _count_streaks(told: list[dict[str, Any]]) -> None:
    """Adds ``streak`` and ``beat_streak``: the season as it stands, and those before as they stood at their ends."""

    def segment(one: dict[str, Any]) -> tuple[str, str, str]:
        return one["source"], one["type"], one["id"]

    for _, group in groupby(sorted(told, key=lambda one: (*segment(one), one["n"])), key=segment):
        rows = list(group)
        for name, value, status in (
            ("streak", "growth", "status_growth"),
            ("beat_streak", "surprise", "status_surprise"),
        ):
            last: dict[int, int] = {}
            for one in rows:
                is_up = one[status] == "OK" and one[value] > 0
                one[name] = last.get(one["quarter"] - 1, 0) + 1 if is_up else 0
                last[one["quarter"]] = one[name]


def earnings_season(world: World) -> pl.DataFrame:
    """One row per segment, source and session."""
    rows = []
    for one in segments(world):
        beats, growth = one["status_beats"] == "OK", one["status_growth"] == "OK"
        shares = {
            name: 100 * one[count] / one["n_judged"] if beats else None
            for name, count in (("beat_rate", "beats"), ("in_line_rate", "in_line"), ("miss_rate", "misses"))
        }
        rows.append(
            shares | {
                "segment_type": one["type"], "segment_id": one["id"], "fiscal_quarter": first_day(one["quarter"]),
                "source": one["source"], "session_date": world.days[one["n"]], "members": one["members"],
                "reported": one["reported"], "reported_share": one["reported"] / one["members"],
                "surprise_pct": one["surprise"] if one["status_surprise"] == "OK" else None,
                "median_surprise_pct": one["median_surprise"] if beats else None,
                "blended_growth": one["growth"] if growth else None,
                "median_growth": one["median_growth"] if growth else None,
                "growing_share": 100 * one["grew"] / one["n_both"] if growth else None,
                "streak": one["streak"] if growth else None, "guidance_share": None, "coverage": one["coverage"],
                "status_beats": one["status_beats"], "status_surprise": one["status_surprise"], "status_growth": one["status_growth"],
                "status_guidance": "NOT_AVAILABLE", "known_at": float(one["known"]),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _read(
    world: World, reading_id: str, value: str, status: str, used: str, source: str = "nasdaq", kind: str = "universe"
) -> list[pl.DataFrame]:
    """A reading of the seasons as it stands in them, one frame per segment."""
    rows = [one for one in segments(world) if one["source"] == source and one["type"] == kind]
    found = []
    for name in sorted({one["id"] for one in rows}):
        of = [one for one in rows if one["id"] == name]
        on = np.array([one["n"] for one in of])
        found.append(
            shaped(
                reading_id, name, world, on, [one[value] for one in of], np.array([one[status] for one in of]),
                [one[used] for one in of], [one["members"] for one in of], [one["known"] for one in of],
                np.array([first_day(one["quarter"]) for one in of], dtype="datetime64[D]"),
            )
        )  # fmt: skip
    return found


def season(world: World) -> pl.DataFrame:
    """EA01 to EA05 and EA10, and EA09 of companies."""
    for one in segments(world):
        one["status_top10"] = (
            "UNDEFINED" if one["status_growth"] == "OK" and not one["change"] > 0 else one["status_growth"]
        )
        for share, count in (("beat", "beats"), ("line", "in_line"), ("miss", "misses")):
            one[f"share_{share}"] = 100 * one[count] / one["n_judged"] if one["n_judged"] else np.nan
        one["share_grew"] = 100 * one["grew"] / one["n_both"] if one["n_both"] else np.nan
        one["gap"] = one["median_growth"] - one["growth"]
    beats, growth = "status_beats", "status_growth"
    frames = [
        *_read(world, "EA01_median", "median_surprise", beats, "n_surprises"),
        *_read(world, "EA02_beat", "share_beat", beats, "n_judged"),
        *_read(world, "EA02_in_line", "share_line", beats, "n_judged"),
        *_read(world, "EA02_miss", "share_miss", beats, "n_judged"),
        *_read(world, "EA02_sector", "share_beat", beats, "n_judged", kind="sector"),
        *_read(world, "EA03", "surprise", "status_surprise", "n_judged"),
        *_read(world, "EA04", "growth", growth, "n_both"),
        *_read(world, "EA04_sector", "growth", growth, "n_both", kind="sector"),
        *_read(world, "EA04_edgar", "growth", growth, "n_both", "edgar"),
        *_read(world, "EA04_edgar_sector", "growth", growth, "n_both", "edgar", "sector"),
        *_read(world, "EA05", "streak", growth, "n_both"),
        *_read(world, "EA05_edgar", "streak", growth, "n_both", "edgar"),
        *_read(world, "EA05_beats", "beat_streak", "status_surprise", "n_judged"),
        *_read(world, "EA09_companies", "share_grew", growth, "n_both"),
        *_read(world, "EA09_median_gap", "gap", growth, "n_both"),
        *_read(world, "EA10_top10", "top10", "status_top10", "n_both"),
        *_read(world, "EA10_ex7", "growth_ex7", growth, "n_both"),
        *_read(world, "EA10_hhi", "hhi", growth, "n_both"),
    ]
    return pl.concat(frames)


def sectors(world: World) -> pl.DataFrame:
    """EA09 of sectors: the part of those whose earnings grew; all of them must be told."""
    expected = len(world.seed("sectors"))
    told: dict[int, list[bool]] = {}
    for one in segments(world):
        if one["source"] == "nasdaq" and one["type"] == "sector" and one["status_growth"] == "OK":
            told.setdefault(one["n"], []).append(one["growth"] > 0)
    whole_of = [one for one in segments(world) if one["source"] == "nasdaq" and one["type"] == "universe"]
    used = [len(told.get(one["n"], [])) for one in whole_of]
    return shaped(
        "EA09_sectors", whole_of[0]["id"], world, np.array([one["n"] for one in whole_of]),
        [100 * np.mean(told[one["n"]]) if one["n"] in told else np.nan for one in whole_of],
        np.where(np.array(used) < expected, "LOW_COVERAGE", "OK"), used, expected, [one["known"] for one in whole_of],
        np.array([first_day(one["quarter"]) for one in whole_of], dtype="datetime64[D]"),
    )  # fmt: skip


def _sessions_from(world: World, day: date) -> np.ndarray:
    first = world.session_on_or_after(day)
    return np.arange(len(world.days) if first is None else first, len(world.days))


def guidance(world: World) -> pl.DataFrame:
    """EA06."""
    rows = [(date.fromisoformat(r["announced_on"]), r) for r in world.seed("guidance")]
    on = _sessions_from(world, min(day for day, _ in rows))
    values, used, period = [], [], []
    for n in on:
        quarter = world.days[n].year * 4 + (world.days[n].month - 1) // 3 - 1
        heard = [r for day, r in rows if day <= world.days[n] and r["fiscal_quarter"] == str(first_day(quarter))]
        used.append(len(heard))
        values.append(np.mean([r["direction"] == "positive" for r in heard]) if heard else np.nan)
        period.append(first_day(quarter))
    word = np.where(np.array(used) < 20, "LOW_COVERAGE", "OK")
    return shaped("EA06", "guidance", world, on, values, word, used, 20, period=np.array(period, dtype="datetime64[D]"))


def revisions(world: World) -> pl.DataFrame:
    """EA07 and EA08: thirteen weeks of the archive come first; the sample world has one evening, which is asserted."""
    c, asked = companies(world), world.versions("nasdaq_forecast").filter(pl.col("consensus_eps").is_not_null())
    assert asked["asked_on"].n_unique() == 1, (
        "forecasts of several evenings: a change over weeks, which is not computed here"
    )
    first = world.session_on_or_before(asked["asked_on"][0])
    on = np.arange(first, len(world.days))
    assert (world.days[-1] - world.days[first]).days < 91, "thirteen weeks are held, and nothing here computes them"
    up: dict[str, list[int]] = {}
    moments: dict[str, int] = {}
    for r in asked.filter(pl.col("period_kind") == "quarter").iter_rows(named=True):
        name = world.owner(r["symbol"], r["asked_on"])
        up.setdefault(name, []).append((r["revised_up"] or 0) + (r["revised_down"] or 0))
        moments[name] = micros(r["known_at"])
    members, changes, known = [], [], []
    for n in on:
        held = sized(world).size[:, n]
        who = [row for row, name in enumerate(c.names) if len(up.get(name, [])) >= 4 and not np.isnan(held[row])]
        first_lines = {c.issuer[row]: c.names[row] for row in reversed(who)}
        members.append(np.unique(c.issuer[c.member[:, n]]).size)
        changes.append(sum(sum(up[name]) for name in first_lines.values()))
        known.append(max(moments[name] for name in first_lines.values()))
    name = c.universe["universe_id"]
    return pl.concat(
        [
            shaped("EA07_4w", name, world, on, np.nan, "WARMUP", 0, members, known),
            shaped("EA07_13w", name, world, on, np.nan, "WARMUP", 0, members, known),
            shaped("EA08", name, world, on, np.nan, "WARMUP", 0, 50, known),
            shaped("EA08_analysts", name, world, on, np.nan, "WARMUP", changes, 50, known),
        ]
    )


def _valid(row: dict[str, Any], snapshot: int) -> bool:
    return bool(row["is_present"] and row["known"] <= snapshot and (row["until"] is None or row["until"] > snapshot))


def report_days(world: World) -> pl.DataFrame:
    """EA12: the weight of who is listed for the day, and for the five sessions after it, at the snapshot."""
    c, s = companies(world), sized(world)
    rows = {name: n for n, name in enumerate(c.names)}
    every = [date.fromisoformat(r["date"]) for r in world.seed("calendar") if r["is_session"] == "true"]
    on = np.arange(min(r.at for r in reports(world).values()), len(world.days))
    by_day: dict[date, list[dict[str, Any]]] = {}
    for r in calendar_rows(world):
        by_day.setdefault(r["report_date"], []).append(r)
    day, ahead, day_known, ahead_known = (np.zeros(on.size) for _ in range(4))
    told_since = min(micros(r["first_seen_at"]) for r in calendar_rows(world) if r["eps"] is None)
    first_ahead = None
    for k, n in enumerate(on):
        today, snapshot = world.days[n], int(world.snapshots[n])
        day_known[k] = ahead_known[k] = s.known[n]
        for r in by_day.get(today, []):
            row = rows.get(world.owner(r["symbol"], today))
            if row is not None and _valid(r, snapshot) and not np.isnan(s.weight[row, n]):
                day[k] += s.weight[row, n]
                day_known[k] = max(day_known[k], r["known"])
        if snapshot < told_since:
            continue
        nearest: dict[int, date] = {}
        seen: dict[int, int] = {}
        for later in range(1, AHEAD + 1):
            for r in by_day.get(today + timedelta(later), []):
                row = rows.get(world.owner(r["symbol"], r["report_date"]))
                if row is not None and r["eps"] is None and _valid(r, snapshot) and not np.isnan(s.weight[row, n]):
                    nearest.setdefault(row, r["report_date"])
                    seen[row] = max(seen.get(row, 0), r["known"])
        if nearest and first_ahead is None:
            first_ahead = k
        for row, when in nearest.items():
            if bisect_left(every, when) - bisect_left(every, today) <= 5:
                ahead[k] += s.weight[row, n]
                ahead_known[k] = max(ahead_known[k], seen[row])
    members, name = c.member.sum(axis=0), c.universe["universe_id"]
    some = on[first_ahead:] if first_ahead is not None else on[:0]
    return pl.concat(
        [
            shaped("EA12_day", name, world, on, 100 * day, s.status[on], s.n_sized[on], members[on], day_known),
            shaped(
                "EA12_next5", name, world, some, 100 * ahead[on.size - some.size :], s.status[some], s.n_sized[some],
                members[some], ahead_known[on.size - some.size :],
            ),
        ]
    )  # fmt: skip


def corporate(world: World) -> pl.DataFrame:
    """EA13."""
    frames, facts = [], world.seed("corporate_facts")
    for name in sorted({r["fact_id"] for r in facts}):
        of = sorted(
            (date.fromisoformat(r["published_on"]), date.fromisoformat(r["period_end"]), float(r["value"]))
            for r in facts if r["fact_id"] == name
        )  # fmt: skip
        on = _sessions_from(world, of[0][0])
        values, words, periods = [], [], []
        for n in on:
            published, end, value = max(one for one in of if one[0] <= world.days[n])
            before = [v for p, e, v in of if 350 <= (end - e).days <= 380 and p <= published]
            is_old = (world.days[n] - published).days > 130
            words.append(
                "STALE_INPUT" if is_old else "WARMUP" if not before else "OK" if before[0] > 0 else "UNDEFINED"
            )
            values.append(100 * (value / before[0] - 1) if before and before[0] > 0 else np.nan)
            periods.append(end)
        period = np.array(periods, dtype="datetime64[D]")
        frames.append(shaped("EA13", name, world, on, values, np.array(words), 1, 1, period=period))
    return pl.concat(frames)


@cache
def _seed(world: World, name: str) -> list[dict[str, str]]:
    return world.seed(name)


def _basket(world: World, name: str, day: date) -> str | None:
    order = {r["basket_id"]: int(r["sort_order"]) for r in _seed(world, "baskets")}
    held = [
        r["basket_id"] for r in _seed(world, "basket_members")
        if r["instrument_id"] == name and r["valid_from"] <= str(day) < (r["valid_to"] or "9999")
    ]  # fmt: skip
    return min(held, key=order.__getitem__, default=None)


def _answer(world: World, name: str, n: int | None) -> tuple[float | None, int]:
    """Percent that a stock moved in a session from the one before it, and when its bar was known."""
    p = prices(world).get(name)
    if p is None or n is None or n not in p.at:
        return None, 0
    k = int(np.searchsorted(p.at, n))
    known = int(p.known[k]) if p.gap[k] == 1 else 0
    if k == 0 or p.gap[k] != 1 or p.at[k - 1] != n - 1 or not p.is_traded[k - 1]:
        return None, known
    return 100 * (p.total_return[k] / p.total_return[k - 1] - 1), known


def earnings_calendar(world: World) -> pl.DataFrame:
    """One row per stock and report told, or expected from the newest session on."""
    c, s, last = companies(world), sized(world), len(world.days) - 1
    rows = {name: n for n, name in enumerate(c.names)}
    found = []
    for r in reports(world).values():
        session = world.first_snapshot(r.known)
        if r.name not in rows or session is None or not c.member[rows[r.name], : session + 1].any():
            continue
        value, seen = _answer(world, r.name, r.effective)
        size = 0 if r.forecast is None else abs(r.forecast)
        weight = s.weight[rows[r.name], r.at]
        cents = None if r.forecast is None else round(r.eps - r.forecast, 2)
        found.append(
            {
                "instrument_id": r.name, "report_date": r.day, "session_date": world.days[session],
                "fiscal_quarter": first_day(r.quarter), "fiscal_end": r.fiscal_end, "timing": r.timing,
                "timing_source": r.timing_source, "forecast_eps": r.forecast, "actual_eps": r.eps,
                "surprise_pct": 100 * (r.eps - (r.forecast or 0)) / size if size >= 0.01 else None,
                "outcome": None if cents is None else "beat" if cents > 0 else "miss" if cents < 0 else "in_line",
                "effective_session": None if r.effective is None else world.days[r.effective], "return_pct": value,
                "index_weight": None if np.isnan(weight) else float(weight), "basket": _basket(world, r.name, r.day),
                "is_ahead": False, "status": "OK",
                "status_return": "NOT_AVAILABLE" if r.timing == "unknown"
                else "NOT_PUBLISHED" if value is None else "OK",
                "status_weight": "NOT_AVAILABLE" if np.isnan(weight) else "OK",
                "known_at": float(max(r.known, seen, r.hour_known)),
            }
        )  # fmt: skip
    nearest: dict[str, dict[str, Any]] = {}
    for row in sorted(calendar_rows(world), key=lambda r: r["report_date"]):
        name = world.owner(row["symbol"], row["report_date"])
        is_open = row["until"] is None and row["is_present"] and row["eps"] is None
        if is_open and row["report_date"] >= world.days[last] and name in rows:
            nearest.setdefault(name, row)
    for name, row in nearest.items():
        weight = s.weight[rows[name], last]
        found.append(
            {
                "instrument_id": name, "report_date": row["report_date"], "session_date": world.days[last],
                "fiscal_quarter": first_day(quarter_no(row["fiscal_end"])) if row["fiscal_end"] else None,
                "fiscal_end": row["fiscal_end"], "timing": row["timing"],
                "timing_source": None if row["timing"] == "unknown" else "nasdaq", "forecast_eps": row["eps_forecast"],
                "index_weight": None if np.isnan(weight) else float(weight),
                "basket": _basket(world, name, row["report_date"]), "is_ahead": True, "status": "NOT_PUBLISHED",
                "status_return": "NOT_PUBLISHED", "status_weight": "NOT_AVAILABLE" if np.isnan(weight) else "OK",
                "known_at": float(max(row["known"], world.snapshots[last])),
            }
        )  # fmt: skip
    return pl.DataFrame(found, infer_schema_length=None)


def earnings_estimates(world: World) -> pl.DataFrame:
    """Forecasts of the stocks we know, as they were asked for."""
    known = {name for by in world.stays.values() for name in by} | set(prices(world))
    rows = [
        {
            "instrument_id": world.owner(r["symbol"], r["asked_on"]), "fiscal_end": r["fiscal_end"], "period_kind": r["period_kind"],
            "session_date": world.days[world.session_on_or_before(r["asked_on"])], "consensus_eps": r["consensus_eps"],
            "high": r["high_eps"], "low": r["low_eps"], "n_estimates": r["n_estimates"], "up_4w": r["revised_up"],
            "down_4w": r["revised_down"], "known_at": float(micros(r["known_at"])),
        }
        for r in world.versions("nasdaq_forecast").iter_rows(named=True)
        if world.owner(r["symbol"], r["asked_on"]) in known
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


__all__ = [
    "Companies", "corporate", "earnings_calendar", "earnings_estimates", "earnings_season", "guidance", "report_days",
    "revisions", "season", "sectors",
]  # fmt: skip
