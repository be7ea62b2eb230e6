"""Volatility of each security from its own past returns (VS06, VS07).

Belongs here: arrays of whole instruments in, one number per row out; NaN is a row without an answer. Does not: members,
weights, what many securities make together (those are SQL).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
MONTH, YEAR = 21, 252


def volatilities(instrument: Ints, session: Ints, returns: Floats, n: int = MONTH) -> Floats:
    """Yearly deviation (ddof 1) of the log of the last ``n`` returns of each instrument, one of each session.

    Rows stand in (instrument, session) order. NaN unless all ``n`` returns are there, of sessions in a row. Raises
    ValueError where the arrays differ in length or ``n`` is below 2.
    """
    if not instrument.size == session.size == returns.size:
        raise ValueError(
            f"volatilities: {instrument.size} instruments, {session.size} sessions, {returns.size} returns;"
            " they describe the same rows"
        )
    if n < 2:
        raise ValueError(f"volatilities: n must be at least 2, not {n}")
    found = np.full(returns.size, np.nan)
    if returns.size < n:
        return found
    logs = np.full(returns.size, np.nan)
    np.log1p(returns, out=logs, where=returns > -1)
    last, first = slice(n - 1, None), slice(None, returns.size - n + 1)
    in_a_row = (instrument[last] == instrument[first]) & (session[last] - session[first] == n - 1)
    windows = np.lib.stride_tricks.sliding_window_view(logs, n)
    spread = windows.std(axis=1, ddof=1) * np.sqrt(YEAR)
    found[last] = np.where(in_a_row, spread, np.nan)
    return found
