"""The drivers of the market, day by day: the script of ``story`` plus reverting noise, wilder in falls.

Belongs here: how a leg's move is spread over its sessions. Does not: what the moves are, or who feels them.
The market return of a session is the exact sum of the drivers' returns, so an attribution has a right answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ingestion.sample.world.clock import Floats, clock, reverting
from ingestion.sample.world.story import DRIVERS, LEGS

NOISE = {  # daily, calm market; ``none`` is what no cause explains
    "rates": 0.0028, "earnings": 0.0028, "flows": 0.0019, "sector": 0.0014, "short_covering": 0.0009, "none": 0.0040,
}  # fmt: skip
MEMORY = 0.74  # share of a deviation from the script that survives a day: keeps accidents below an episode's size
CALM, STRESS, AFTERSHOCK = 1.2, 1.9, 40  # noise multipliers; sessions a trough's noise takes to fade


@dataclass(frozen=True)
class Drivers:
    """Daily contributions to the market return; one element per session, the first is 0."""

    returns: dict[str, Floats]
    leader: tuple[str, ...]  # the sector through which the sector driver acts that day
    stress: Floats  # noise multiplier of the day

    @property
    def market(self) -> Floats:
        """The market's simple return per session."""
        total = np.zeros(len(self.stress))
        for name in DRIVERS:
            total = total + self.returns[name]
        return total


def _profile(size: int, falls: bool) -> Floats:
    """Weights of a leg's sessions: falls speed up into the trough, rallies start with a jump. Sums to 1."""
    from_trough = np.arange(size, dtype=np.float64)
    if falls:
        from_trough = from_trough[::-1]
    weights = 1.0 + 3.5 * np.maximum(0.0, 1.0 - from_trough / 7.0)
    return np.asarray(weights / weights.sum())


@lru_cache(1)
def drivers() -> Drivers:
    """The driver paths of the whole world."""
    sessions = clock().days
    scripted = {name: np.zeros(len(sessions)) for name in DRIVERS}
    stress = np.full(len(sessions), CALM)
    leader = [LEGS[0].leader] * len(sessions)
    start = 1
    for leg in LEGS:
        stop = clock().index(leg.end) + 1
        falls, size = leg.move < 0, stop - start
        for name, part in leg.parts.items():
            scripted[name][start:stop] = part * _profile(size, falls)
        fading = STRESS - (STRESS - CALM) * np.minimum(1.0, np.arange(size) / AFTERSHOCK)
        stress[start:stop] = STRESS if falls else fading if start > 1 else CALM
        leader[start:stop] = [leg.leader] * size
        start = stop
    returns = {}
    for name in DRIVERS:
        noise = reverting(f"driver {name}", NOISE[name] * stress, len(sessions), MEMORY)
        noise[0] = 0.0
        returns[name] = scripted[name] + noise
    return Drivers(returns, tuple(leader), stress)
