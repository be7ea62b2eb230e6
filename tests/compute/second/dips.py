"""What the index did after losses, and whether equity funds got more then: FL15.

Belongs here: pairs of sessions that follow each other, over a year. Does not: flows of funds (``funds``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from second import funds, volatility
from second.facts import World
from second.readings import shaped

YEAR, LEAST, DIPS, LOSS, SETTLED = 252, 227, 5, -1.0, 3


def buying(world: World) -> pl.DataFrame:
    """FL15 session by session."""
    index, size = volatility.headline(world), len(world.days)
    level = np.full(size, np.nan)
    level[index.at] = index.ticks
    # a return needs a bar on both sessions and no new stretch between them
    move = np.full(size, np.nan)
    move[1:] = 100 * (level[1:] / level[:-1] - 1)
    known = np.zeros(size)
    known[index.at] = index.known
    before = np.concatenate([[np.nan], move[:-1]])
    before_2 = np.concatenate([[np.nan, np.nan], move[:-2]])
    # windows are of sessions with a bar of the index
    on = index.at
    values = {name: np.full(on.size, np.nan) for name in ("payoff", "after_falls", "random_walk")}
    dips, pairs, newest = np.zeros((3, on.size))
    for k in range(on.size):
        at = on[max(0, k - YEAR + 1) : k + 1]
        both = at[~np.isnan(before[at] + move[at])]
        fell, dipped = both[before[both] < 0], both[before[both] <= LOSS]
        pairs[k], dips[k] = both.size, dipped.size
        newest[k] = known[on[max(0, k - YEAR - 1) : k + 1]].max()
        if dipped.size:
            values["payoff"][k] = move[dipped].mean()
        if fell.size:
            values["after_falls"][k] = move[fell].sum()
            values["random_walk"][k] = fell.size * move[both].mean()
    word = np.where(np.arange(on.size) + 1 < YEAR + 2, "WARMUP", np.where(pairs < LEAST, "LOW_COVERAGE", "OK"))
    scarce = np.where((word == "OK") & (dips < DIPS), "LOW_COVERAGE", word)
    name = index.instrument_id
    frames = [shaped("FL15_payoff", name, world, on, values["payoff"], scarce, dips, DIPS, newest)]
    frames += [
        shaped(f"FL15_{kind}", name, world, on, values[kind], word, pairs, YEAR, newest)
        for kind in ("after_falls", "random_walk")
    ]
    frames.append(_flow(world, on, newest, before_2))
    return pl.concat(frames)


def _flow(world: World, on: np.ndarray, newest: np.ndarray, before_2: np.ndarray) -> pl.DataFrame:
    g = funds.groups(world)["equity"]
    share = np.full(len(world.days), np.nan)
    told = np.arange(g.first, len(world.days))
    share[told] = np.where(g.flows > 0, g.clean / g.before, np.nan)
    flows_known = dict(zip(told.tolist(), g.known.tolist(), strict=True))
    age = dict(zip(told.tolist(), g.age.tolist(), strict=True))
    rows = [n for n in on.tolist() if n >= g.first and np.isfinite(age[n])]
    value, word, used, known = [], [], [], []
    by_session = dict(zip(on.tolist(), newest.tolist(), strict=True))
    for n in rows:
        last = n - SETTLED
        at = np.arange(max(g.first, last - YEAR + 1), last + 1)
        at = at[~np.isnan(before_2[at] + share[at])] if at.size else at
        is_dip = before_2[at] <= LOSS
        spread = share[at].std(ddof=1) if at.size > 1 else np.nan
        some = is_dip.any() and not is_dip.all()
        value.append((share[at][is_dip].mean() - share[at][~is_dip].mean()) / spread if some else np.nan)
        held = last - g.first + 1
        word.append(
            "STALE_INPUT" if age[n] > 3
            else "WARMUP" if held < YEAR
            else "LOW_COVERAGE" if at.size < LEAST or is_dip.sum() < DIPS
            else "OK" if spread > 1e-12 else "UNDEFINED"
        )  # fmt: skip
        used.append(is_dip.sum())
        known.append(max(by_session[n], flows_known.get(last, 0.0)))
    return shaped("FL15_flow", "equity_us", world, np.array(rows), value, np.array(word), used, DIPS, known)
