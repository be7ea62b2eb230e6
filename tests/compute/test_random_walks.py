"""Rallies of random walks: the figures they are known to have, and the same paths for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from updraft_kernels import rally, random_walks

YEARLY_MEAN, YEARLY_DEVIATION = 0.07, 0.16


@pytest.fixture(scope="module")
def moves() -> np.ndarray:
    return random_walks.draws(40, 60, 20261126)


@pytest.mark.parametrize(
    ("rule", "count", "failed", "sustained"),
    [
        (rally.Rule(5, 5, 10), (137, 150), (0.35, 0.39), (0.42, 0.48)),
        (rally.Rule(10, 10, 20), (39, 46), (0.29, 0.37), (0.54, 0.62)),
    ],
)
def test_a_market_of_usual_drift_and_deviation(
    moves: np.ndarray,
    rule: rally.Rule,
    count: tuple[float, float],
    failed: tuple[float, float],
    sustained: tuple[float, float],
) -> None:
    """Known: about 145 rallies in 60 years, 36 to 37 % of which fail, and .44 sustained; 42 and .58 by the wider rule."""
    daily = (YEARLY_MEAN - YEARLY_DEVIATION**2 / 2) / 252, YEARLY_DEVIATION / np.sqrt(252)
    found = random_walks.episodes(moves, *daily, rule, 126)
    assert count[0] < found.height / 40 < count[1]
    assert failed[0] < (found["end_kind"] == "failed").mean() < failed[1]
    share = found["is_sustained"].mean()
    assert isinstance(share, float) and sustained[0] < share < sustained[1]
    assert found.filter(found["end_kind"] == "failed")["trough_holds"].mean() < 0.35  # type: ignore[operator]
    assert (found["depth"] <= -rule.fall + 1e-4).all() and (found["depth_vs_ath"] <= found["depth"] + 1e-9).all()


def test_the_same_seed_makes_the_same_walks() -> None:
    assert (random_walks.draws(2, 1, 7) == random_walks.draws(2, 1, 7)).all()
    assert (random_walks.draws(2, 1, 7) != random_walks.draws(2, 1, 8)).any()


def test_a_walk_needs_a_deviation(moves: np.ndarray) -> None:
    with pytest.raises(ValueError, match="positive deviation"):
        random_walks.episodes(moves[:1], 0.0, 0.0, rally.Rule(5, 5, 10), 126)
