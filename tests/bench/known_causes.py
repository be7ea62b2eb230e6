"""Worlds whose causes are known: how often the naming rule of layer E names the true shock, and how often it stays silent when
a rally has no cause that yields could show.

    python tests/bench/known_causes.py [--rallies 50]

Belongs here: drawing worlds, applying the rule, the table. Does not: the kernel, or the rule's thresholds for real data.

A world is 2,500 sessions of the model of ``updraft_kernels.shocks`` whose impacts are one draw of what its signs allow, then
rallies of 40 sessions, each drawn anew. In a rally one shock pushes every day in the direction that lifts stocks, so that
it adds SIGNALS times the usual deviation of 40 sessions; "none" pushes the index alone, which no yield tells. Families:

    plain       the rally's days are drawn as the history's are
    flip        growth news become small and monetary news large, so stocks and yields change the sign of their correlation
    feedback    from the low on yields also answer the index of the same day, 1 basis point per percent
    volatility  all shocks are two and a half times as large

Seeds below 1,000 were looked at while the rule was chosen; proof uses seeds from 5,000 on. Impacts like those of real data matter:
with ones invented freely the rule without an answer of yields looked fine.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from updraft_kernels import shocks

Array = shocks.Array
HISTORY, RALLY = 2500, 40
SIGNALS = (1.0, 2.0, 3.0)
FAMILIES = ("plain", "flip", "feedback", "volatility")
PROOF_SEED = 5000
# What one deviation of each shock does on a usual day: basis points of the 2-, 5- and 10-year yield, percent of the index.
# About what is found in the Treasury's yields and the S&P 500 from 1976 to 2025 (medians over accepted rotations).
SPREAD = np.array([[3.5, 6.0, -2.6, 1.8], [4.4, 3.2, -3.3, 3.5], [2.1, 2.5, -4.2, 4.0], [0.22, -0.17, -0.71, -0.72]])
CARRY = np.diag([0.05, 0.02, -0.02, -0.05])


@dataclass(frozen=True)
class Tally:
    """What the rule said of the rallies of one family, signal and cause ("none": without one)."""

    family: str
    signal: float
    cause: str
    rallies: int
    named: Counter[str]  # every shock named, by name; a rally may name two
    silent: int  # rallies of which nothing was named
    true: int  # rallies in which everything named is true
    false: int  # rallies in which something named is not


def _impacts(source: np.random.Generator) -> Array:
    """Impacts near SPREAD that keep the signs and the order of the kernel's table: each cell 0.8 to 1.2 of it, redrawn until so."""
    while True:
        found = SPREAD * source.uniform(0.8, 1.2, SPREAD.shape)
        if len(shocks.matching(found[None])):
            return found


@dataclass(frozen=True)
class Rally:
    """Moves of its sessions, shape (RALLY, 4), and what each shock truly did to the index, shape (4,)."""

    z: Array
    truth: Array


def _rally(
    source: np.random.Generator, impacts: Array, family: str, cause: int | None, signal: float, last: Array
) -> Rally:
    """A rally after the session ``last``."""
    events = source.standard_normal((RALLY, 4))
    if family == "flip":
        events *= np.array([0.3, 1.8, 1.0, 1.0])
    if family == "volatility":
        events *= 2.5
    deviation = np.sqrt((impacts[shocks.STOCK] ** 2).sum() * RALLY)
    push = signal * deviation / RALLY
    if cause is None:
        events -= events.mean(axis=0)  # no shock adds anything over the window
    else:
        events[:, cause] += push / impacts[shocks.STOCK, cause]
    z = np.zeros((RALLY, 4))
    for n in range(RALLY):
        z[n] = CARRY @ (z[n - 1] if n else last) + impacts @ events[n]
        if cause is None:
            z[n, shocks.STOCK] += push
        if family == "feedback":
            z[n, : shocks.STOCK] += z[n, shocks.STOCK]
    return Rally(z, impacts[shocks.STOCK] * events.sum(axis=0))


def _named(model: shocks.Model, accepted: Array, history: Array, rally: Rally) -> list[tuple[int, bool]]:
    """The shocks named, and of each whether it truly did half of what the rule asks, in that direction."""
    z = np.concatenate([history[-1:], rally.z])
    told = shocks.over_windows(model, accepted, z, np.array([1]), np.array([len(z)]))
    named = shocks.is_named(told.bands, told.total, shocks.answers(model, told, np.array([RALLY])))[0]
    least = shocks.NAMED_SHARE / 2 * abs(float(told.total[0]))
    middle = told.bands[0, 2]
    return [
        (int(k), bool(rally.truth[k] * middle[k] > 0 and abs(rally.truth[k]) >= least)) for k in np.flatnonzero(named)
    ]


def tallies(
    rallies: int, first_seed: int, families: tuple[str, ...] = FAMILIES, signals: tuple[float, ...] = SIGNALS
) -> Iterator[Tally]:
    """Every family, signal and cause, with ``rallies`` rallies each, every one in a world of its own."""
    worlds = []
    for seed in range(first_seed, first_seed + rallies):
        source = np.random.default_rng(seed)
        impacts = _impacts(source)
        history = np.zeros((HISTORY, 4))
        for n in range(1, HISTORY):
            history[n] = CARRY @ history[n - 1] + impacts @ source.standard_normal(4)
        model = shocks.fit(history)
        worlds.append((source, impacts, history, model, shocks.rotations(model.cov, seed=shocks.SEED)))
    for family in families:
        for signal in signals:
            for cause in (*range(4), None):
                name = "none" if cause is None else shocks.SHOCKS[cause]
                found = [
                    _named(model, accepted, history, _rally(source, impacts, family, cause, signal, history[-1]))
                    for source, impacts, history, model, accepted in worlds
                ]
                yield Tally(
                    family,
                    signal,
                    name,
                    len(found),
                    Counter(shocks.SHOCKS[one] for named in found for one, _ in named),
                    sum(not named for named in found),
                    sum(bool(named) and all(is_true for _, is_true in named) for named in found),
                    sum(any(not is_true for _, is_true in named) for named in found),
                )


def main(arguments: list[str]) -> int:
    """Print the table; 0 always, it is a measurement."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rallies", type=int, default=50, help="of each family, signal and cause (default 50)")
    asked.add_argument("--seed", type=int, default=PROOF_SEED, help="of the first world (default %(default)s)")
    given = asked.parse_args(arguments)
    print(
        f"{'family':11}{'signal':>7}  {'cause':9}{'silent':>7}{'true':>6}{'false':>6}   growth monetary hedging common"
    )
    for one in tallies(given.rallies, given.seed):
        counts = "".join(f"{one.named[shock]:>8}" for shock in shocks.SHOCKS)
        print(
            f"{one.family:11}{one.signal:>7}  {one.cause:9}{one.silent:>7}{one.true:>6}{one.false:>6} {counts}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
