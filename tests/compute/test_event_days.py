"""Half-days of events: parts and rest are the move, and the permutation finds what was put in and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from updraft_kernels import aftermath, event_days


def _window(n: int, seed: int) -> tuple[event_days.Array, event_days.Numbers]:
    source = np.random.default_rng(seed)
    return source.standard_normal(2 * n), np.arange(n) % 5 + 1


def test_a_half_day_of_two_events_is_divided_and_the_rest_is_left() -> None:
    halves, weekday = np.array([1.0, 2.0, 4.0, 8.0]), np.array([1, 2])
    told = event_days.shares(
        halves, weekday, [np.array([0, 2]), np.array([2, 3]), np.array([], dtype=np.int64)], event_days.draws()
    )
    assert told.part.tolist() == [1.0 + 2.0, 2.0 + 8.0, 0.0]
    assert told.halves.tolist() == [2, 2, 0] and told.sessions.tolist() == [2, 1, 0]
    assert np.isnan(told.p).all(), "two sessions are too few to judge"


def test_p_is_the_share_of_random_days_that_did_as_much() -> None:
    halves, weekday = _window(100, 1)
    rows = np.arange(0, 200, 10)  # the nights before Mondays only
    random = event_days.draws()
    found = event_days.shares(halves, weekday, [rows], random).p[0]
    sums = []
    for draw in range(event_days.PERMUTATIONS):
        total = 0.0
        for at, row in enumerate(rows):
            same = [n for n in range(100) if weekday[n] == weekday[row // 2]]
            total += halves[2 * same[int(random[at, draw] * len(same))] + row % 2]
        sums.append(total)
    middle = sum(sums) / len(sums)
    beyond = sum(abs(one - middle) >= abs(halves[rows].sum() - middle) - 1e-9 for one in sums)
    assert found == pytest.approx((1 + beyond) / 2001, abs=1e-12)


def test_an_event_that_moves_prices_is_found_and_one_that_does_not_is_not() -> None:
    rates = {True: 0, False: 0}
    for moves in (True, False):
        for seed in range(60):
            halves, weekday = _window(120, 1000 + seed)
            rows = 2 * np.random.default_rng(seed).choice(120, 6, replace=False)
            halves[rows] += 1.5 if moves else 0.0
            rates[moves] += event_days.shares(halves, weekday, [np.sort(rows)], event_days.draws()).p[0] < 0.05
    assert rates[True] >= 48 and rates[False] <= 8, rates


def test_draws_stand_in_by_weekday_and_half() -> None:
    halves, weekday = np.zeros(200), np.arange(100) % 5 + 1
    halves[1::2] = 9.0  # what happens during sessions must not judge a night
    halves[::2] = np.where(weekday == 3, 5.0, 0.0)
    nights = 2 * np.flatnonzero(weekday == 3)[:4]
    assert event_days.shares(halves, weekday, [nights], event_days.draws()).p[0] == 1.0


def test_discovery_rates_after_benjamini_and_hochberg() -> None:
    q = aftermath.discoveries(np.array([0.01, np.nan, 0.04, 0.03, 0.5]))
    assert q[[0, 2, 3, 4]].tolist() == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5]) and np.isnan(q[1])


def test_windows_longer_than_a_year_are_not_judged() -> None:
    halves, weekday = _window(253, 3)
    assert np.isnan(event_days.shares(halves, weekday, [np.arange(10)], event_days.draws()).p[0])
