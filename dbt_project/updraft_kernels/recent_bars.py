"""Which rows of int_prices are needed to tell the sessions from one on, as far back as the windows of ``securities`` reach.

Belongs here: choosing the rows, and what stands for those that are left out. Does not: what is told of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from updraft_kernels import securities

SESSIONS = 300  # back: enough for a year of bars of what trades nearly every session
_SHORT = """
    SELECT instrument_id FROM prices GROUP BY instrument_id
    HAVING max(session_no) >= {first} AND count(*) FILTER (is_traded AND session_no BETWEEN {start} AND {first} - 1) <= {year}
        AND count(*) FILTER (is_traded AND session_no < {start}) > 0
"""
_HIGHEST = """
    SELECT instrument_id, era, max(close_ticks) FROM prices WHERE is_traded AND session_no < {start} GROUP BY instrument_id, era
"""


@dataclass(frozen=True)
class Recent:
    """``where`` is a condition on int_prices; ``first`` the first session_no that is to be told (None: all)."""

    where: str
    first: int | None
    highest: dict[tuple[str, int], int]

    def highest_before(self, bars: securities.Bars, names: Sequence[str]) -> NDArray[np.int64] | None:
        """Per row of ``bars`` the highest close, in ticks, of its era among the rows left out (0: none were)."""
        if self.first is None:
            return None
        width = int(bars.era.max(initial=0)) + 1
        pairs, place = np.unique(bars.instrument.astype(np.int64) * width + bars.era, return_inverse=True)
        found = [self.highest.get((names[pair // width], pair % width), 0) for pair in pairs.tolist()]
        return np.array(found, dtype=np.int64)[place]


ALL = Recent("TRUE", None, {})


def needed(prices: Any, first: date | None) -> Recent:
    """The rows of the relation ``prices`` (int_prices) by which every row from the session ``first`` on can be told.

    Those of the last ``SESSIONS`` before it; of an instrument that did not trade a year of bars in that time, all. All for None.
    """
    if first is None:
        return ALL
    number = prices.filter(f"session_date >= DATE '{first}'").aggregate("min(session_no)").fetchone()[0]
    if number is None:
        return Recent("FALSE", 0, {})
    bounds = {"first": number, "start": number - SESSIONS, "year": securities.YEAR}
    short = prices.query("prices", _SHORT.format(**bounds)).fetchall()
    held = prices.query("prices", _HIGHEST.format(**bounds)).fetchall()
    names = ", ".join("'" + name.replace("'", "''") + "'" for (name,) in short)
    where = f"session_no >= {bounds['start']}" + (f" OR instrument_id IN ({names})" if names else "")
    return Recent(where, number, {(name, era): ticks for name, era, ticks in held})
