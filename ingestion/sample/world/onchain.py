"""What is used of the coins' networks: addresses, transactions, fees and flows to and from exchanges per UTC day; they grow,
and are busier when prices move. More is sent to exchanges when prices fall.

Belongs here: one figure of each per day. Does not: prices (``crypto``), the vendor's file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sample.world.clock import Floats, Ints, normal, reverting
from ingestion.sample.world.crypto import DAY, Candles

# product: coin, addresses and transactions of the first day, growth a day
NETWORKS = {"BTC-USD": ("btc", 160_000.0, 60_000.0, 0.0004), "ETH-USD": ("eth", 12_000.0, 40_000.0, 0.0009)}


FEES, TRADED = {"btc": 22.0, "eth": 900.0}, {"btc": 34_000.0, "eth": 410_000.0}  # coins a day


@dataclass(frozen=True)
class Usage:
    """One coin's days; ``start`` is a midnight in epoch seconds."""

    start: Ints
    addresses: Ints
    transactions: Ints
    fees: Floats  # coins
    inflow: Floats  # coins sent to exchanges
    outflow: Floats  # coins withdrawn from them


def usage(candles: dict[tuple[str, int], Candles]) -> dict[str, Usage]:
    """Each coin by the name its network has."""
    found = {}
    for product, (coin, addresses, transactions, growth) in NETWORKS.items():
        daily = candles[product, DAY]
        size = len(daily.start)
        grown = np.cumprod(np.full(size, 1.0 + growth)) / (1.0 + 0.0003 * np.arange(size))
        busy = 1.0 + 2.0 * np.minimum(np.abs(daily.close / daily.open - 1.0), 0.15)
        addresses_told, transactions_told = (
            np.round(first * grown * busy * (1.0 + np.clip(reverting(f"{coin} {name}", 0.05, size, 0.9).cumsum(), -0.5, 0.5)))
            for name, first in (("addresses", addresses), ("transactions", transactions))
        )  # fmt: skip
        moved, luck = daily.close / daily.open - 1.0, normal(f"{coin} flows", size, 3)
        fees = np.round(FEES[coin] * busy * busy * (1.0 + 0.1 * np.clip(luck[:, 0], -3.0, 3.0)), 8)
        inflow = np.round(TRADED[coin] * busy * (1.0 - 0.4 * moved + 0.05 * np.clip(luck[:, 1], -3.0, 3.0)), 8)
        outflow = np.round(TRADED[coin] * busy * (1.0 + 0.3 * moved + 0.05 * np.clip(luck[:, 2], -3.0, 3.0)), 8)
        found[coin] = Usage(
            daily.start, addresses_told.astype(np.int64), transactions_told.astype(np.int64), fees, inflow, outflow
        )
    return found
