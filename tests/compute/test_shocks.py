"""Shocks told apart by their signs: sums are exact, shapes are those of the table, a known cause is found again."""

from __future__ import annotations

import numpy as np
import pytest

from updraft_kernels import shocks
from updraft_kernels.shocks import SHOCKS, STOCK, TEN_YEAR, TWO_YEAR, Array

# Rows are the 2-, 5- and 10-year yield (bp) and the index (100 x log), columns growth, monetary, hedging, common.
TRUE = np.array([[2.0, 3.0, -0.5, 0.5], [2.2, 2.5, -1.5, 1.5], [1.5, 1.5, -3.0, 3.0], [0.5, -0.5, -0.6, -0.4]])
CARRY = np.diag([0.05, 0.02, -0.02, -0.05])


def one_window(model: shocks.Model, accepted: Array, window: Array, before: Array) -> tuple[float, float, Array]:
    """(drift, lag, parts by rotation and shock) of one window, each rotation solved for itself; ``before``: the session before each."""
    lagged = (before - model.mean) @ model.carry.T
    surprise = (window - model.mean - lagged).sum(axis=0)
    events = np.stack([np.linalg.solve(one, surprise) for one in accepted])
    return float(model.mean[STOCK]) * len(window), float(lagged[:, STOCK].sum()), accepted[:, STOCK, :] * events


def bands(parts: Array) -> Array:
    return np.quantile(parts, shocks.QUANTILES, axis=0)


def world(sessions: int, seed: int) -> tuple[Array, Array]:
    """(z, the shocks behind it), shapes (sessions, 4)."""
    source = np.random.default_rng(seed)
    events = source.standard_normal((sessions, 4))
    z = np.zeros((sessions, 4))
    for n in range(sessions):
        z[n] = (CARRY @ z[n - 1] if n else 0) + TRUE @ events[n]
    return z + np.array([0.0, 0.0, 0.0, 0.03]), events


@pytest.fixture(scope="module")
def made() -> tuple[Array, shocks.Model, Array]:
    z, _ = world(4000, 7)
    model = shocks.fit(z)
    return z, model, shocks.rotations(model.cov, seed=1)


def test_every_accepted_rotation_makes_the_covariance_and_the_table(made: tuple[Array, shocks.Model, Array]) -> None:
    _, model, accepted = made
    assert len(accepted) >= 300
    assert np.allclose(accepted @ accepted.transpose(0, 2, 1), model.cov, atol=1e-9)
    signs = np.array([[1, 1, -1, 1], [1, 1, -1, 1], [1, 1, -1, 1], [1, -1, -1, -1]])
    assert (np.sign(accepted) == signs).all()
    size = np.abs(accepted)
    assert (size[:, 0, 1] > size[:, 1, 1]).all() and (size[:, 1, 1] > size[:, 2, 1]).all()  # monetary: short moves most
    for premium in (2, 3):
        assert (size[:, 0, premium] < size[:, 1, premium]).all() and (size[:, 1, premium] < size[:, 2, premium]).all()
    assert (size[:, TWO_YEAR, 0] > size[:, TEN_YEAR, 0]).all() and (size[:, 1, 0] > size[:, TEN_YEAR, 0]).all()
    share = accepted**2 / (accepted**2).sum(axis=2, keepdims=True)
    assert (share[:, TWO_YEAR, :2].sum(axis=1) > 0.5).all() and (share[:, TEN_YEAR, 2:].sum(axis=1) > 0.5).all()


def test_drift_lag_and_shocks_sum_to_the_move(made: tuple[Array, shocks.Model, Array]) -> None:
    z, model, accepted = made
    drift, lag, parts = one_window(model, accepted, z[100:140], z[99:139])
    total = drift + lag + parts.sum(axis=1)
    assert np.abs(total - z[100:140, STOCK].sum()).max() < 1e-9


@pytest.mark.parametrize("cause", range(4))
def test_a_known_cause_is_the_largest(made: tuple[Array, shocks.Model, Array], cause: int) -> None:
    """Forty sessions in which only one shock happened, one deviation each day in the direction that lifts stocks."""
    _, model, accepted = made
    lift = np.sign(TRUE[STOCK, cause])
    window = np.tile(TRUE[:, cause] * lift, (40, 1)) + model.mean
    _, _, parts = one_window(model, accepted, window, np.tile(model.mean, (40, 1)))
    _, low, middle, _, _ = bands(parts)
    assert int(np.argmax(middle)) == cause and middle[cause] > 0.2 * window[:, STOCK].sum(), SHOCKS[cause]
    assert low[cause] > 0


def test_the_same_input_gives_the_same_bits() -> None:
    z, _ = world(2000, 3)
    one, two = (shocks.rotations(shocks.fit(z).cov, seed=5) for _ in range(2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one[:5], shocks.rotations(shocks.fit(z).cov, seed=6)[:5])


def test_too_short_or_broken_input_is_refused() -> None:
    z, _ = world(2000, 3)
    with pytest.raises(ValueError, match="1500"):
        shocks.fit(z[:1500])
    z[700, 2] = np.nan
    with pytest.raises(ValueError, match="gap"):
        shocks.fit(z)


def test_two_variables_in_closed_form() -> None:
    """Parts sum to the yield, do not go together, and one moves stocks against yields, the other with them."""
    source = np.random.default_rng(2)
    yields = source.standard_normal(300)
    for slope in (-1.5, 0.8):
        returns = slope * yields + source.standard_normal(300)
        parts, impacts, angle = shocks.two_shocks(yields, returns)
        assert np.abs(parts.sum(axis=1) - yields).max() < 1e-12
        assert abs((parts[:, 0] * parts[:, 1]).sum()) < 1e-9
        assert impacts[0] < 0 < impacts[1] and 0 < angle < np.pi / 2
        assert np.abs(parts @ impacts - returns).max() < 1e-9


def test_many_windows_are_what_one_by_one_gives() -> None:
    z, _ = world(1700, 5)
    model = shocks.fit(z[:1600])
    accepted = shocks.rotations(model.cov, seed=3)
    first, stop = np.array([1600, 1610, 1650, 0]), np.array([1700, 1611, 1700, 1])
    told = shocks.over_windows(model, accepted, z, first, stop)
    for n, (a, b) in enumerate(zip(first.tolist(), stop.tolist(), strict=True)):
        before = z[a - 1 : b - 1] if a else model.mean[None, :]
        drift, lag, parts = one_window(model, accepted, z[a:b], before)
        assert told.bands[n] == pytest.approx(bands(parts), abs=1e-9)
        assert (told.drift[n], told.lag[n]) == pytest.approx((drift, lag), abs=1e-9)
        assert told.total[n] == pytest.approx(z[a:b, STOCK].sum(), abs=1e-9)
    assert told.gap.max() < 1e-9


def test_the_hash_of_an_input_changes_with_its_last_digit() -> None:
    z, _ = world(1600, 6)
    other = z.copy()
    other[-1, -1] = np.nextafter(other[-1, -1], 9)
    assert shocks.input_hash(z) == shocks.input_hash(z.copy()) != shocks.input_hash(other) != shocks.input_hash(z[:-1])
