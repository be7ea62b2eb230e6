"""Forward-adjusted prices of whole instruments: factors, integer ticks, gaps between bars, eras.

Belongs here: arrays of bars in (instrument, session) order in, arrays of the same length out. Does not: judging doubts
(``doubts``), opening tables.

Both factors are 1 at the first bar held. A split of s multiplies later rows by s, a dividend d by 1 + d / close on its
ex-date (reinvested at that close), so a later event moves no earlier row. Products run from the first event to the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
TICKS = 10_000  # of one dollar


@dataclass(frozen=True, slots=True)
class Before:
    """Where each instrument stood before its first row here, so that what runs on from bar to bar can be taken up again.

    ``factor`` is 1 and everything else 0 where it had no bar. ``number`` and ``session`` are those of its last bar that was
    not traded and of its last one that was: two rows.
    """

    factor: Floats
    era: Ints
    number: Ints
    session: Ints

    @classmethod
    def nothing(cls, instruments: int) -> Before:
        """No instrument had a bar before."""
        none = np.zeros((2, instruments), dtype=np.int64)
        return cls(np.ones(instruments), none[0], none, none)


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is in doubt about the rows of some bars: ``doubt`` indexes ``words`` (-1: nothing)."""

    doubt: Ints
    words: tuple[str, ...]
    is_payout_aside: Marks
    is_volume_aside: Marks
    starts_anew: Marks


def doubts_of(
    starts: Ints,
    names: Sequence[str],
    session: Ints,
    told: Mapping[str, Sequence[tuple[int, str | None, bool, bool, bool]]],
) -> Doubts:
    """The doubts of the rows of instruments ``names``, which begin at ``starts``.

    ``told``: per instrument (session, doubt, payout aside, volume aside, starts anew). Without a bar that session: none.
    """
    words = tuple(sorted({row[1] for name in names for row in told.get(name, ()) if row[1] is not None}))
    found = Doubts(np.full(session.size, -1, dtype=np.int32), words, *np.zeros((3, session.size), dtype=np.bool_))
    for name, start, stop in zip(names, starts, [*starts[1:], session.size], strict=True):
        for number, doubt, payout, volume, anew in told.get(name, ()):
            row = start + int(np.searchsorted(session[start:stop], number))
            if row < stop and session[row] == number:
                found.doubt[row] = -1 if doubt is None else words.index(doubt)
                found.is_payout_aside[row], found.is_volume_aside[row], found.starts_anew[row] = payout, volume, anew
    return found


def factors(starts: Ints, close: Floats, split_step: Floats, cash: Floats, before: Before | None = None) -> Floats:
    """Total-return factor of each row. ``cash`` is the payout of that session, 0 where there is none or it is in doubt."""
    found: Floats = split_step * (1 + cash / close)
    if before is not None:
        found[starts] = before.factor * found[starts]
    for start, stop in pairwise([*starts, close.size]):
        np.multiply.accumulate(found[start:stop], out=found[start:stop])
    return found


def ticks(prices: Floats, factor: Floats) -> NDArray[np.int64]:
    """Prices times their factor in ticks; a half is rounded up."""
    return whole(prices * factor * TICKS)


def whole(values: Floats) -> NDArray[np.int64]:
    """The nearest whole numbers of values that are not negative; a half is rounded up."""
    below = np.floor(values)
    found: NDArray[np.int64] = (below + (values - below >= 0.5)).astype(np.int64)
    return found


def eras(starts: Ints, starts_anew: Marks, before: Before | None = None) -> NDArray[np.int64]:
    """How many steps that nobody explained lie before each row or at it."""
    before = before or Before.nothing(len(starts))
    found = np.cumsum(starts_anew, dtype=np.int64)
    for (start, stop), era in zip(pairwise([*starts, found.size]), before.era, strict=True):
        found[start:stop] -= found[start] - starts_anew[start] - era
    return found


def spacing(
    starts: Ints, session: Ints, is_traded: Marks, before: Before | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """(number, gap) of each row among the bars of its instrument that are traded as it is, or as it is not.

    Numbers count from 1; a gap is in sessions since the bar before (0: there is none).
    """
    before = before or Before.nothing(len(starts))
    number, gap = np.zeros(session.size, dtype=np.int64), np.zeros(session.size, dtype=np.int32)
    instrument = np.repeat(np.arange(len(starts)), np.diff([*starts, session.size]))
    for mark in (True, False):
        rows = np.flatnonzero(is_traded == mark)
        place, whose = np.arange(rows.size), instrument[rows]
        is_first = np.ones(rows.size, dtype=np.bool_)
        is_first[1:] = whose[1:] != whose[:-1]
        own = before.number[int(mark)][whose]
        number[rows] = place - np.maximum.accumulate(np.where(is_first, place, 0)) + 1 + own
        last = np.where(own > 0, before.session[int(mark)][whose], session[rows])
        gap[rows] = session[rows] - np.where(is_first, last, np.roll(session[rows], 1))
    return number, gap
