"""Analogues: scale, distance and score by hand; nearness is told as skill where there is some, and where none is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from updraft_kernels import analogues

NAN = math.nan


def test_robust_scale_by_hand() -> None:
    features = np.array([[1.0, 5.0, 1.0], [2.0, 5.0, NAN], [3.0, 5.0, NAN], [4.0, 5.0, 2.0], [100.0, 5.0, 3.0]])
    z, own = analogues.scaled(features, np.array([3.0, 6.0, 1.0]))
    assert z[:, 0] == pytest.approx((features[:, 0] - 3) / 1.4826) and own[0] == 0
    assert np.isnan(z[:, 1]).all() and np.isnan(own[1]), "no spread, no scale"
    assert np.isnan(z[:, 2]).all() and np.isnan(own[2]), "three values are too few"


def test_distance_over_what_both_have() -> None:
    now = np.array([0.0, 0.0, 0.0, NAN])
    features = np.array([[3.0, 4.0, NAN, 1.0], [1.0, 1.0, 1.0, NAN], [2.0, NAN, NAN, 9.0]])
    apart, shared = analogues.distances(features, now)
    # two of three are 67 %: not enough
    assert apart.tolist() == [math.inf, 1.0, math.inf] and shared.tolist() == [2, 3, 1]
    assert analogues.nearest(np.array([2.0, math.inf, 1.0, 1.0])).tolist() == [2, 3, 0]


def test_score_by_hand() -> None:
    # |x - y|: 1, 1 -> 1; |x - x'|: 2 between the two -> half of it is taken off
    assert analogues.crps(np.array([-1.0, 1.0]), 0.0) == pytest.approx(0.0)
    assert analogues.crps(np.array([2.0, 2.0]), 0.0) == pytest.approx(2.0)


def test_fair_score_does_not_punish_small_ensembles() -> None:
    rng = np.random.default_rng(1)
    small = np.mean([analogues.crps(rng.normal(size=8), rng.normal()) for _ in range(6_000)])
    large = np.mean([analogues.crps(rng.normal(size=80), rng.normal()) for _ in range(1_500)])
    assert small == pytest.approx(large, abs=0.03)


def test_left_out_scores_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(2)
    features, outcome = rng.normal(size=(25, 4)), rng.normal(size=25)
    features[3, :2] = NAN
    skill = analogues.leave_one_out(features, outcome)
    assert skill is not None
    near, everyone = [], []
    for one in range(25):
        rest = np.delete(np.arange(25), one)
        apart, _ = analogues.distances(features[rest], features[one])
        chosen = rest[analogues.nearest(np.round(apart**2, 9))]
        if chosen.size == analogues.NEAREST:
            near.append(analogues.crps(outcome[chosen], outcome[one]))
            everyone.append(analogues.crps(outcome[rest], outcome[one]))
    assert skill.n == len(near)
    assert (skill.nearest, skill.everyone) == pytest.approx((np.mean(near), np.mean(everyone)))


@pytest.mark.parametrize(("strength", "least", "most"), [(0.0, 0.0, 0.15), (2.0, 0.9, 1.0)])
def test_skill_is_told_where_there_is_some(strength: float, least: float, most: float) -> None:
    """Of forty worlds without a tie between features and outcome few are told as skill; with a strong one nearly all."""
    rng = np.random.default_rng(7)
    told = []
    for _ in range(40):
        features = rng.normal(size=(60, 3))
        outcome = strength * features[:, 0] + rng.normal(size=60)
        skill = analogues.leave_one_out(features, outcome)
        assert skill is not None
        told.append(skill.gain > 1.645 * skill.error)
    assert least <= np.mean(told) <= most


def test_too_few_to_judge() -> None:
    assert analogues.leave_one_out(np.zeros((9, 2)), np.zeros(9)) is None
    assert analogues.leave_one_out(np.full((20, 2), NAN), np.arange(20.0)) is None
