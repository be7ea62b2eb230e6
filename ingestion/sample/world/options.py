"""Options traded by session: calls and puts of indices, funds and stocks, more puts when the volatility index is high.

Belongs here: volumes. Does not: the file they are published in.
"""

from __future__ import annotations

import numpy as np

from ingestion.sample.world.clock import Floats, normal

# calls traded on a quiet day; puts per call at a VIX of 18; what a point of the VIX adds; own noise
SHAPES = {
    "index": (2_400_000.0, 1.10, 0.010, 0.09),
    "etp": (3_100_000.0, 1.05, 0.012, 0.08),
    "equity": (4_600_000.0, 0.60, 0.011, 0.05),
}


def options(vix: Floats) -> dict[str, tuple[Floats, Floats]]:
    """By kind of product: (calls, puts), whole contracts, one element per session."""
    found = {}
    for kind, (quiet, middle, slope, own) in SHAPES.items():
        draw = normal(f"options {kind}", len(vix), 2)
        calls: Floats = np.round(quiet * (1.0 + 0.15 * np.clip(draw[:, 0], -3, 3)))
        ratio = (middle + slope * (vix - 18.0) + own * draw[:, 1]).clip(0.25, 4.0)
        found[kind] = (calls, np.round(calls * ratio))
    return found
