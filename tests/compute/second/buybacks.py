"""What companies buy back and when they may: FL07 and FL08.

Belongs here: quarters from spans since the start of a fiscal year, four of them in a row, blackouts. Does not: market
values and weights (``companies``). In this world no figure of a cash flow was ever told anew; that is asserted.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import numpy as np
import polars as pl

from second.companies import STALE_DAYS, companies, whole
from second.facts import World, micros
from second.readings import shaped

LINES = (
    "PaymentsForRepurchaseOfCommonStock", "ProceedsFromIssuanceOfCommonStock",
    "PaymentsToAcquirePropertyPlantAndEquipment",
)  # fmt: skip
QUARTERS = {1: (80, 119), 2: (160, 200), 3: (245, 290), 4: (350, 380)}  # days of a span of so many quarters
UNKNOWN_AFTER, BEFORE, AFTER = 150, 14, 1  # days


def _quarters(spans: dict[tuple[date, date], tuple[float, int]]) -> dict[tuple[date, date], tuple[float, int]]:
    """Quarters (first and last day) with value and moment, from what spans say and when they first did."""
    long = {
        span: next((n for n, (a, b) in QUARTERS.items() if a <= (span[1] - span[0]).days + 1 <= b), 0) for span in spans
    }
    found = {span: told for span, told in spans.items() if long[span] == 1}
    for (start, end), (value, moment) in spans.items():
        for (other, until), (part, before) in spans.items():
            is_next = other == start and long[other, until] and long[other, until] == long[start, end] - 1
            if is_next and 80 <= (end - until).days <= 119:
                quarter = (until + timedelta(1), end)
                if quarter not in found or max(moment, before) < found[quarter][1]:
                    found[quarter] = (value - part, max(moment, before))
    return found


def _trailing(quarters: dict[tuple[date, date], tuple[float, int]]) -> list[tuple[int, date, float]]:
    """(moment, end of the newest quarter, sum of the last four) whenever one was told; NaN where four do not follow."""
    found = []
    for moment in sorted({moment for _, moment in quarters.values()}):
        known = sorted(
            ((end, start, v) for (start, end), (v, told) in quarters.items() if told <= moment), reverse=True
        )
        last = known[:4]
        gaps = [(last[n][1] - last[n + 1][0]).days for n in range(len(last) - 1)]
        is_whole = len(last) == 4 and all(-2 <= gap <= 4 for gap in gaps)
        found.append((moment, last[0][0], sum(v for _, _, v in last) if is_whole else np.nan))
    return found


def yields(world: World) -> pl.DataFrame:
    """FL07."""
    c = companies(world)
    spans: dict[tuple[int, str], dict[tuple[date, date], tuple[float, int]]] = {}
    for row in world.versions("sec_companyconcept").filter(pl.col("concept").is_in(LINES)).iter_rows(named=True):
        told = spans.setdefault((row["cik"], row["concept"]), {})
        span, moment = (row["period_start"], row["period_end"]), micros(row["known_at"])
        value, before = told.get(span, (row["value"], moment))
        assert value == row["value"], f"{row}: told anew, which is not computed here"
        told[span] = (value, min(before, moment))
    n_days, n_issuers = len(world.days), c.issuer.max() + 1
    issuer_of = {cik: c.issuer[n] for n, cik in enumerate(c.cik) if cik is not None}
    line = {name: np.full((n_issuers, n_days), np.nan) for name in LINES}
    period = np.full((n_issuers, n_days), np.datetime64("NaT", "D"))
    told_at = np.zeros((n_issuers, n_days))
    for (cik, concept), held in spans.items():
        if cik not in issuer_of:
            continue
        for moment, end, total in _trailing(_quarters(held)):
            first = world.first_snapshot(moment)
            if first is None:
                continue
            until = int(np.searchsorted(world.dates, np.datetime64(end) + STALE_DAYS))
            line[concept][issuer_of[cik], first:] = np.nan
            line[concept][issuer_of[cik], first : max(first, until)] = total
            told_at[issuer_of[cik], first:] = np.maximum(told_at[issuer_of[cik], first:], moment)
            if concept == LINES[0]:
                period[issuer_of[cik], first:] = np.datetime64(end)
    on = np.arange(c.sized_since, n_days)
    out: dict[str, list[float]] = {name: [] for name in ("gross", "net", "n_gross", "n_net", "issuers", "known")}
    words, periods = [], []
    floor = float(c.universe["reports_floor"])
    for day in on:
        size = c.by_issuer(whole(c.diluted[:, day]), day)
        is_member = c.by_issuer(np.ones(len(c.names)), day) > 0
        turnover = c.by_issuer(c.turnover[:, day], day)
        bought, issued, spent = (np.where(is_member & (size > 0), line[name][:, day], np.nan) for name in LINES)
        gross, both = ~np.isnan(bought), ~np.isnan(bought) & ~np.isnan(issued)
        read = gross | ~np.isnan(issued) | ~np.isnan(spent)
        out["issuers"].append(is_member.sum())
        out["n_gross"].append(gross.sum())
        out["n_net"].append(both.sum())
        with np.errstate(invalid="ignore"):
            out["gross"].append(100 * bought[gross].sum() / size[gross].sum())
            out["net"].append(100 * (bought[both] - issued[both]).sum() / size[both].sum())
        is_enough = turnover.sum() > 0 and turnover[read].sum() >= floor * turnover.sum()
        words.append("OK" if is_enough else "LOW_COVERAGE")
        periods.append(period[gross, day].max() if gross.any() else np.datetime64("NaT", "D"))
        out["known"].append(max(c.diluted_known[:, day].max(), told_at[is_member, day].max()))
    name = c.universe["universe_id"]
    return pl.concat(
        [
            shaped(
                f"FL07_{kind}", name, world, on, out[kind], np.array(words), out[f"n_{kind}"], out["issuers"],
                out["known"], np.array(periods),
            )
            for kind in ("gross", "net")
        ]
    )  # fmt: skip


def windows(world: World) -> pl.DataFrame:
    """FL08."""
    c = companies(world)
    weight, status, moment = c.weights()
    reports: dict[int, list[tuple[int, date, date]]] = {}
    facts = world.firsts("nasdaq_earnings_calendar").filter(
        pl.col("eps").is_not_null(), pl.col("fiscal_end").is_not_null()
    )
    first = None
    for one in facts.iter_rows(named=True):
        assert 0 <= (one["report_date"] - one["fiscal_end"]).days <= 120, f"{one}: a label that is not computed here"
        known = micros(one["known_at"])
        first = known if first is None else min(first, known)
        row = c.row(world.owner(one["symbol"], one["report_date"]))
        if row is not None:
            reports.setdefault(row, []).append((known, one["fiscal_end"], one["report_date"]))
    assert first is not None
    on = np.array([n for n in range(c.sized_since, len(world.days)) if world.snapshots[n] >= first])
    values, words, used, knowns = [], [], [], []
    floor = float(c.universe["earnings_floor"])
    for n in on:
        day, told, is_open, seen = world.days[n], 0.0, 0.0, 0
        known = moment[n]
        for row in np.flatnonzero(~np.isnan(weight[:, n])):
            held = [r for r in reports.get(row, []) if r[0] <= world.snapshots[n]]
            if not held:
                continue
            _, end, reported = max(held, key=lambda r: (r[1], r[0]))
            known = max(known, *(r[0] for r in held))
            if (day - end).days > UNKNOWN_AFTER:
                continue
            year, month = (end.year + (end.month + 2) // 12, (end.month + 2) % 12 + 1)
            next_end = date(year, month, monthrange(year, month)[1])
            told, seen = told + weight[row, n], seen + 1
            if reported + timedelta(AFTER) < day < next_end - timedelta(BEFORE):
                is_open += weight[row, n]
        values.append(100 * is_open / told if told else np.nan)
        words.append(status[n] if status[n] != "OK" else "OK" if told >= floor else "LOW_COVERAGE")
        used.append(seen)
        knowns.append(known)
    members = c.member[:, on].sum(axis=0)
    return shaped("FL08_open", c.universe["universe_id"], world, on, values, np.array(words), used, members, knowns)
