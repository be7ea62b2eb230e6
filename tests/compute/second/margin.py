"""What customers owe on margin: FL09 and FL10.

Belongs here: months as told, and the index between their ends. Does not: short positions (``shorts``), futures.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from second import volatility
from second.facts import World, micros
from second.readings import shaped

FRESH, NEAR = 62, 5  # days a month counts after its end; days between a month's end and its last bar


def _end(month: date) -> date:
    return (month + timedelta(31)).replace(day=1) - timedelta(1)


def _earlier(month: date, by: int) -> date:
    count = month.year * 12 + month.month - 1 - by
    return date(count // 12, count % 12 + 1, 1)


@cache
def debt(world: World) -> pl.DataFrame:
    """FL09 and FL10 session by session."""
    rows = sorted(world.firsts("finra_margin").iter_rows(named=True), key=lambda r: r["month"])
    kept, earliest = [], None
    for row in reversed(rows):
        known = micros(row["known_at"])
        if earliest is None or known <= earliest:
            kept.insert(0, (row["month"], known, row))
        earliest = known if earliest is None else min(earliest, known)
    by_month = {month: row for month, _, row in kept}
    index = volatility.headline(world)
    days = [world.days[n] for n in index.at]
    first = kept[0][0]

    def close(month: date) -> tuple[float, int]:
        """The index at a month's end, and when its bar was known."""
        n = np.searchsorted(np.array(days, dtype="datetime64[D]"), np.datetime64(_end(month)), side="right") - 1
        if n < 0:
            return np.nan, 0
        near = (_end(month) - days[n]).days <= NEAR
        return (float(index.ticks[n]) if near else np.nan), int(index.known[n])

    told: list[dict[str, object]] = []
    sessions = []
    at = -1
    for n, moment in enumerate(world.snapshots):
        while at + 1 < len(kept) and kept[at + 1][1] <= moment:
            at += 1
        if at < 0:
            continue
        month, known, row = kept[at]
        sessions.append(n)
        fresh = (world.days[n] - _end(month)).days <= FRESH
        one: dict[str, object] = {"end": _end(month), "known": known, "debit": row["debit_usd"]}
        credit = row["credit_margin_usd"]
        one["net"] = np.nan if credit is None else row["credit_cash_usd"] + credit - row["debit_usd"]
        now, now_known = close(month)
        for name, by in (("month", 1), ("year", 12)):
            other = _earlier(month, by)
            held = by_month.get(other)
            then, then_known = close(other) if held else (np.nan, 0)
            one[name] = np.nan if held is None else 100 * (row["debit_usd"] / held["debit_usd"] - 1)
            one[f"index_{name}"] = 100 * (now / then - 1)
            one[f"known_{name}"] = max(known, now_known, then_known)
            young = other < first
            word = "OK" if held else "WARMUP" if young else "LOW_COVERAGE"
            one[f"word_{name}"] = word if fresh else "STALE_INPUT"
            lacks = word == "OK" and np.isnan(then + now)
            one[f"word_both_{name}"] = "STALE_INPUT" if not fresh else "LOW_COVERAGE" if lacks else word
            one[f"used_{name}"] = 1 + (held is not None)
        one["word"] = "OK" if fresh else "STALE_INPUT"
        one["word_net"] = "STALE_INPUT" if not fresh else "NOT_PUBLISHED" if credit is None else "OK"
        one["less"] = one["year"] - one["index_year"]  # type: ignore[operator]
        one["stress"] = float(one["month"] <= -5 and one["index_month"] < 0)  # type: ignore[operator]
        told.append(one)
    on = np.array(sessions)
    c = {k: np.array([t[k] for t in told]) for k in told[0]}
    period = c["end"].astype("datetime64[D]")
    frames = [
        shaped(name, "US", world, on, c[value], c[word], c[used] if used else 1, expected, c[known], period)
        for name, value, word, used, expected, known in (
            ("FL09_debit", "debit", "word", "", 1, "known"), ("FL09_yoy", "year", "word_year", "used_year", 2, "known"),
            ("FL09_net_credit", "net", "word_net", "", 1, "known"),
            ("FL09_less_index", "less", "word_both_year", "used_year", 2, "known_year"),
            ("FL10_stress", "stress", "word_both_month", "used_month", 2, "known_month"),
        )
    ]  # fmt: skip
    return pl.concat(frames)
