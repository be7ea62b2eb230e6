"""The breadth kernel: published rows of other people, closed forms, and what must hold for any path."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from updraft_kernels import breadth

NAN = float("nan")
# Net advances, averages, oscillator and summation of the first sessions after 2022-06-30 as an open-source engine
# (QuantConnect LEAN) tests them; its averages of 2022-06-30 are the seeds.
SEEDS, SUMMATION = (-209.85, -186.41), -653.12
NET = (1607, -317, -773, 1742, -211, -1254, -345, -399, -1509, 2083, 182, 2166, 1138)
OSCILLATOR = (68.57, 50.7, 12.37, 105.28, 86.55, 17.95, 4.65, -9.44, -76.94, 45.34, 54.6, 161.45, 200.6)
SUMMED = (
    *(-584.55, -533.84, -521.47, -416.19, -329.64, -311.69, -307.04),
    *(-316.47, -393.41, -348.07, -293.47, -132.01, 68.59),
)
ZWEIG = (0.5,) * 10 + (0.2, 0.25, 0.3, 0.3, 0.35, 0.75, 0.8, 0.85, 0.8, 0.78, 0.82, 0.8)

values = st.lists(st.one_of(st.just(NAN), st.integers(-3000, 3000).map(float)), min_size=1, max_size=150)
shares = st.lists(st.one_of(st.just(NAN), st.integers(0, 100).map(lambda n: n / 100)), min_size=1, max_size=150)


def array(numbers: object) -> breadth.Floats:
    return np.array(numbers, dtype=np.float64)


def test_mcclellan_reproduces_published_rows() -> None:
    found = breadth.mcclellan(array(NET), is_ratio_adjusted=False, seeds=SEEDS)
    assert np.abs(found.oscillator - OSCILLATOR).max() < 0.011
    assert np.abs(found.summation - SUMMED).max() < 0.04  # the seeds are printed to two digits, and weigh 10 and 20


def test_the_summation_adds_the_oscillator() -> None:
    found = breadth.mcclellan(array(NET), is_ratio_adjusted=False, seeds=SEEDS)
    assert np.diff(found.summation) == pytest.approx(found.oscillator[1:], abs=1e-9)
    adjusted = breadth.mcclellan(array(NET), is_ratio_adjusted=True)
    assert adjusted.summation == pytest.approx(np.cumsum(adjusted.oscillator), abs=1e-8)
    assert adjusted.summation[0] == 0.0


def test_the_zweig_path_fires_on_its_tenth_value_and_once() -> None:
    z = breadth.thrust_average(array(ZWEIG)).value
    expected = (0.4455, 0.4099, 0.3899, 0.3736, 0.3693, 0.4385, 0.5042, 0.5671, 0.6094, 0.6405)
    assert z[10:20] == pytest.approx(expected, abs=6e-5)
    assert np.flatnonzero(breadth.thrusts(z, array(ZWEIG))).tolist() == [19]


def test_a_slow_rise_is_no_thrust() -> None:
    slow = ZWEIG[:15] + (0.6,) * 12 + (0.75, 0.8, 0.85, 0.9, 0.9)
    z = breadth.thrust_average(array(slow)).value
    assert z[-1] > breadth.HIGH and z[:16].min() < breadth.LOW
    assert not breadth.thrusts(z, array(slow)).any()


def test_one_signal_in_ten_sessions() -> None:
    z = array([0.39, 0.62, 0.61, 0.62, 0.39, 0.62, 0.39, 0.39, 0.39, 0.39, 0.39, 0.62, 0.3])
    assert np.flatnonzero(breadth.thrusts(z, z)).tolist() == [1, 11]


def test_a_day_without_a_share_gives_no_signal() -> None:
    z = array([0.39, 0.62])
    assert not breadth.thrusts(z, array([0.39, NAN])).any()


def test_missing_days_leave_the_average_and_four_in_a_row_forget_it() -> None:
    three = breadth.ema(array([8, NAN, NAN, NAN, 16]), 0.5)
    assert three.value.tolist() == [8, 8, 8, 8, 12] and three.updates.tolist() == [0, 0, 0, 0, 1]
    four = breadth.ema(array([8, NAN, NAN, NAN, NAN, 16]), 0.5)
    assert np.isnan(four.value[4]) and four.value[5] == 16
    assert four.updates.tolist() == [0, 0, 0, 0, -1, 0]


def test_a_restarted_summation_starts_at_zero_again() -> None:
    found = breadth.mcclellan(array([8, 16, NAN, NAN, NAN, NAN, 24, 32]), is_ratio_adjusted=True)
    assert found.summation[6] == 0 and found.summation[7] == pytest.approx(found.oscillator[7])


def test_the_plain_mean_needs_ten_days() -> None:
    found = breadth.simple_average(array([NAN] + [0.5] * 10))
    assert np.isnan(found.value[:10]).all() and found.value[10] == 0.5
    assert np.isnan(breadth.simple_average(array([0.5] * 9)).value).all()


@pytest.mark.parametrize("k", [0, 1, -0.1])
def test_impossible_weights_raise(k: float) -> None:
    with pytest.raises(ValueError, match="k must lie between 0 and 1"):
        breadth.ema(array([1]), k)


def test_infinity_and_unequal_lengths_raise() -> None:
    with pytest.raises(ValueError, match="infinite value at index 1"):
        breadth.ema(array([1, np.inf]), 0.1)
    with pytest.raises(ValueError, match="2 averages for 1 shares"):
        breadth.thrusts(array([1, 1]), array([1]))


@given(values, values)
@settings(max_examples=60, deadline=None)
def test_later_days_change_no_earlier_day(past: list[float], later: list[float]) -> None:
    for adjusted in (False, True):
        short = breadth.mcclellan(array(past), is_ratio_adjusted=adjusted)
        long = breadth.mcclellan(array(past + later), is_ratio_adjusted=adjusted)
        for a, b in ((short.oscillator, long.oscillator), (short.summation, long.summation)):
            np.testing.assert_array_equal(a, b[: len(past)])


@given(values)
@settings(max_examples=60, deadline=None)
def test_the_closed_form_always_holds(net: list[float]) -> None:
    found = breadth.mcclellan(array(net), is_ratio_adjusted=False)
    fast, slow = breadth.ema(array(net), breadth.FAST).value, breadth.ema(array(net), breadth.SLOW).value
    np.testing.assert_allclose(found.summation, 1000 + (fast - slow) - 10 * fast + 20 * slow, atol=1e-9)
    given_days = ~np.isnan(array(net))
    inside = given_days & (found.updates > 0)
    steps = np.diff(found.summation, prepend=NAN)
    np.testing.assert_allclose(steps[inside], found.oscillator[inside], atol=1e-6)


@given(shares)
@settings(max_examples=100, deadline=None)
def test_every_thrust_is_one(path: list[float]) -> None:
    z = breadth.thrust_average(array(path)).value
    fired = np.flatnonzero(breadth.thrusts(z, array(path)))
    assert all(b - a >= breadth.THRUST_SESSIONS for a, b in pairwise(fired))
    for t in fired:
        assert z[t] > breadth.HIGH >= z[t - 1] and np.nanmin(z[max(0, t - 10) : t]) < breadth.LOW
    assert np.all((z[~np.isnan(z)] >= 0) & (z[~np.isnan(z)] <= 1))
