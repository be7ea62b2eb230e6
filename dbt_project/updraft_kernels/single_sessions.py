"""How much of a rally of a random walk one session makes: what chance alone would show of a belief (MI1).

Belongs here: that share. Does not: real prices, other statistics of random walks (random_walks).
"""

from __future__ import annotations

import numpy as np

from updraft_kernels import aftermath, rally


def share_in_one_session(seed: int, walks: int, rule: rally.Rule, span: int, part: float) -> tuple[float, int]:
    """Share of the rallies of random walks in which one session makes ``part`` of the first ``span``, and their number.

    Each of the ``walks`` is 60 years of 252 sessions, drifts 7 % a year and has a deviation of 16 %: about what large
    stocks did over a century. Rallies that stand no higher after ``span`` do not count.
    """
    draw = np.random.default_rng(seed)
    parts = []
    for _ in range(walks):
        steps = draw.normal(0.07 / 252 - 0.16**2 / 504, 0.16 / np.sqrt(252), 60 * 252)
        ticks = np.floor(1e7 * np.exp(np.cumsum(steps))).astype(np.int64)
        found = (
            rally.states(ticks, rule).filter(state="RALLY").unique("up_confirmed", keep="first", maintain_order=True)
        )
        parts.append(aftermath.largest_parts(ticks.astype(np.float64), found["low"].to_numpy(), span))
    made = np.concatenate(parts)
    made = made[~np.isnan(made)]
    return float((made >= part).mean()), int(made.size)
