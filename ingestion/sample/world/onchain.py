"""What is used of the coins' networks: addresses and transactions per UTC day; they grow, and are busier when prices move.

Belongs here: one count of each per day. Does not: prices (``crypto``), the vendor's file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sample.world.clock import Ints, reverting
from ingestion.sample.world.crypto import DAY, Candles

# product: coin, addresses and transactions of the first day, growth a day
NETWORKS = {"BTC-USD": ("btc", 160_000.0, 60_000.0, 0.0004), "ETH-USD": ("eth", 12_000.0, 40_000.0, 0.0009)}


@dataclass(frozen=True)
class Usage:
    """One coin's days; ``start`` is a midnight in epoch seconds."""

    start: Ints
    addresses: Ints
    transactions: Ints


def usage(candles: dict[tuple[str, int], Candles]) -> dict[str, Usage]:
    """Each coin by the name its network has."""
    found = {}
    for product, (coin, addresses, transactions, growth) in NETWORKS.items():
        daily = candles[product, DAY]
        size = len(daily.start)
        grown = np.cumprod(np.full(size, 1.0 + growth)) / (1.0 + 0.0003 * np.arange(size))
        busy = 1.0 + 2.0 * np.minimum(np.abs(daily.close / daily.open - 1.0), 0.15)
        counts = [
            np.round(first * grown * busy * (1.0 + np.clip(reverting(f"{coin} {name}", 0.05, size, 0.9).cumsum(), -0.5, 0.5)))
            for name, first in (("addresses", addresses), ("transactions", transactions))
        ]  # fmt: skip
        found[coin] = Usage(daily.start, *(count.astype(np.int64) for count in counts))
    return found
