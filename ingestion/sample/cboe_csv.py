"""Cboe's whole-history files of volatility indices: US dates, oldest first, six decimals.

Belongs here: the file. Does not: the levels. A name it does not have is the file host's XML with status 403.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import numpy as np

from ingestion.sample import rewrites
from ingestion.sample.answer import Answer, epoch, text_answer
from ingestion.sample.world import World

PATH = re.compile(r"/api/global/us_indices/daily_prices/(\w+)_History\.csv")
DENIED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Answer:
    """The history of one index up to the last session that had closed at ``asked_at``."""
    named = PATH.fullmatch(path)
    held = world.volatility.get(named[1]) if named else None
    done = int(np.searchsorted(world.clock.close_at, epoch(asked_at), side="right"))
    if named is None or held is None or done == 0:
        return text_answer(DENIED, "application/xml", 403)
    shown = (held.open, held.high, held.low, held.close)
    if asked_at >= rewrites.REWRITTEN_AT:
        shown = rewrites.cboe(named[1], *shown)
    columns = [values[:done].tolist() for values in shown]
    lines = ["DATE,OPEN,HIGH,LOW,CLOSE"]
    for day, *values in zip(world.clock.days[:done], *columns, strict=True):
        lines.append(f"{day:%m/%d/%Y}," + ",".join(f"{value:.6f}" for value in values))
    return text_answer("\n".join(lines) + "\n", "text/csv")
