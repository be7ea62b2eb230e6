"""What vendors quietly change in their past: asked before REWRITTEN_AT they say one thing, afterwards another.

Belongs here: which values, and when. Does not: values of the world itself. Cboe's file of VIX gains new values for some
old days (after it differs from the world); Yahoo corrects a bar it had wrong at first (until then it differs).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from ingestion.sample.clock import Floats, Ints, clock

REWRITTEN_AT = datetime(2025, 12, 3, 14, 0, tzinfo=UTC)
CBOE_CHANGED = {  # VIX: index points added to the open and the close of a day
    date(2018, 2, 8): (0.43, 0.0),
    date(2020, 3, 9): (-0.61, 0.0),
    date(2022, 9, 28): (0.0, -0.37),
    date(2025, 10, 20): (0.25, 0.18),
}
YAHOO_SYMBOL, YAHOO_DAY = "GEAQ", date(2025, 11, 26)
YAHOO_FIRST_CLOSE, YAHOO_FIRST_VOLUME = 0.9875, 3  # of the true close; the volume was a third


def cboe(name: str, opened: Floats, high: Floats, low: Floats, close: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The columns of an index file after the rewriting."""
    if name != "VIX":
        return opened, high, low, close
    opened, close = opened.copy(), close.copy()
    for day, (at_open, at_close) in CBOE_CHANGED.items():
        n = clock().index(day)
        opened[n], close[n] = round(opened[n] + at_open, 2), round(close[n] + at_close, 2)
    return opened, np.maximum(high, np.maximum(opened, close)), np.minimum(low, np.minimum(opened, close)), close


def yahoo(symbol: str, start: int, columns: dict[str, Floats], volume: Ints) -> None:
    """Put the wrong first version of one bar into the columns of ``symbol``, in place."""
    n = clock().index(YAHOO_DAY) - start
    if symbol == YAHOO_SYMBOL and n < len(volume):
        columns["close"][n] = round(float(columns["close"][n]) * YAHOO_FIRST_CLOSE, 2)
        columns["low"][n] = min(float(columns["low"][n]), float(columns["close"][n]))
        volume[n] = int(volume[n]) // (YAHOO_FIRST_VOLUME * 100) * 100
