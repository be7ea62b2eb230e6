"""How much of a move fell on the half-sessions of an event, and whether as many other days would have done the same.

Belongs here: sums over tagged half-days and the permutation that judges them. Does not: which event falls on which half, dates.

Half-days are numbered: half ``2 * n`` is the night before session ``n``, half ``2 * n + 1`` the session itself. A half-day with
several events is divided equally among them; what has none is left over, so parts and rest add up to the move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]
PERMUTATIONS: Final = 2000
LEAST_SESSIONS, MOST_SESSIONS = 20, 252  # of a window that is judged
LEAST_DAYS = 2
SEED: Final = 20220617
_COLUMNS: Final = 512  # draws of the first so many tagged half-days; the next ones use them again


def draws() -> Array:
    """Numbers from 0 to 1 (exclusive), shape (512, 2000): which day stands in for a tagged one. Always the same."""
    return np.random.Generator(np.random.PCG64(SEED)).random((_COLUMNS, PERMUTATIONS))


@dataclass(frozen=True)
class Shares:
    """Per tag, in the order asked: its part of the move, its half-days, the sessions they lie on, and p (NaN: not judged)."""

    part: Array
    halves: Numbers
    sessions: Numbers
    p: Array


def shares(halves: Array, weekday: Numbers, tagged: list[Numbers], random: Array) -> Shares:
    """Parts of a window's move. ``halves`` has shape (2 n,), percent; ``weekday`` shape (n,); ``tagged`` per tag the half-days.

    p is the share of 2,000 draws whose sum lies at least as far from their mean as the tagged sum does; a draw puts in the
    place of each tagged half-day the same half of a random session of the same weekday (with replacement).
    """
    count = np.zeros(len(halves))
    for rows in tagged:
        count[rows] += 1
    part = np.array([_ordered_sum(halves[rows] / count[rows]) for rows in tagged])
    is_judged = LEAST_SESSIONS <= len(weekday) <= MOST_SESSIONS
    days = [np.flatnonzero(weekday == day) for day in range(7)]
    p = [
        _p(halves, weekday, days, rows, random) if is_judged and len(rows) >= LEAST_DAYS else np.nan for rows in tagged
    ]
    sessions = np.array([len(set((rows // 2).tolist())) for rows in tagged], dtype=np.int64)
    return Shares(part, np.array([len(rows) for rows in tagged], dtype=np.int64), sessions, np.array(p))


def _p(halves: Array, weekday: Numbers, days: list[Numbers], rows: Numbers, random: Array) -> float:
    drawn = np.zeros(PERMUTATIONS)
    for at, row in enumerate(rows.tolist()):
        same = days[weekday[row // 2]]
        drawn += halves[2 * same + row % 2][(random[at % _COLUMNS] * len(same)).astype(np.int64)]
    middle = float(drawn.mean())
    seen = abs(_ordered_sum(halves[rows]) - middle)
    # a draw of the very same days differs in the last digits only
    return float((1 + np.count_nonzero(np.abs(drawn - middle) >= seen - 1e-9)) / (PERMUTATIONS + 1))


def _ordered_sum(values: Array) -> float:
    return float(np.cumsum(values)[-1]) if len(values) else 0.0
