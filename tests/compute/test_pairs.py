"""Rolling correlation and slopes: worked examples, agreement with numpy, and a bad tick that leaves with its window."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rendered import Rendered

from updraft_kernels import pairs

WINDOWS = [20, 60, 120, 252]
X = np.array([0.01, -0.02, 0.015, -0.005, 0.0])
Y = np.array([0.03, -0.05, 0.02, 0.01, -0.01])
NAN = float("nan")

returns = st.one_of(st.none(), st.integers(-500, 500).map(lambda n: n / 10_000))
series = st.lists(st.tuples(returns, returns), min_size=1, max_size=90)


def rolled(x: pairs.Floats, y: pairs.Floats, windows: list[int]) -> dict[int, pairs.Moments]:
    return pairs.moments(x, y, ~np.isnan(x) & ~np.isnan(y), windows)


def arrays(rows: list[tuple[float | None, float | None]]) -> tuple[pairs.Floats, pairs.Floats]:
    x, y = zip(*rows, strict=True)
    return np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)


def market(sessions: int, seed: int = 7) -> tuple[pairs.Floats, pairs.Floats]:
    draw = np.random.default_rng(seed)
    x = draw.normal(0.0004, 0.01, sessions)
    y = 0.4 * x + draw.normal(0, 0.02, sessions)
    x[draw.random(sessions) < 0.03] = np.nan
    y[draw.random(sessions) < 0.03] = np.nan
    return x, y


def fresh(x: pairs.Floats, y: pairs.Floats, end: int, n: int) -> tuple[float, float, float]:
    """Correlation, slope of y on x and its standard error of one window, the long way."""
    a, b = x[max(0, end - n + 1) : end + 1], y[max(0, end - n + 1) : end + 1]
    both = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[both], b[both]
    if a.size < 3:
        return NAN, NAN, NAN
    beta, alpha = np.polyfit(a, b, 1)
    error = np.sqrt(np.sum((b - alpha - beta * a) ** 2) / (a.size - 2) / np.sum((a - a.mean()) ** 2))
    return float(np.corrcoef(a, b)[0, 1]), float(beta), float(error)


def test_the_worked_example() -> None:
    m = rolled(X, Y, [5])[5]
    assert pairs.correlation(m)[-1] == pytest.approx(0.89489, abs=5e-6)
    assert pairs.slope(m).beta[-1] == pytest.approx(2.0667, abs=5e-5)
    assert pairs.slope(m, of_x=True).beta[-1] == pytest.approx(0.89489**2 / 2.0667, abs=5e-5)


def test_every_window_agrees_with_numpy() -> None:
    x, y = market(700)
    for n, m in rolled(x, y, WINDOWS).items():
        line = pairs.slope(m)
        got = np.stack([pairs.correlation(m), line.beta, line.error])[:, 2:]
        expected = np.array([fresh(x, y, t, n) for t in range(2, 700)]).T
        seen = m.n[2:] >= 3
        assert np.abs(got - expected)[:, seen].max() < 1e-9


@pytest.mark.parametrize("tick", [1e4, -1e4, 1e9])
def test_a_bad_tick_leaves_with_its_window(tick: float) -> None:
    x, y = market(700)
    for spoiled in (x, y):
        spoiled[200] = tick
    with_tick = rolled(x, y, WINDOWS)
    x[200] = y[200] = np.nan
    without = rolled(x, y, WINDOWS)
    for n in WINDOWS:
        for measure in (pairs.correlation, lambda m: pairs.slope(m).beta):
            np.testing.assert_array_equal(measure(with_tick[n])[:200], measure(without[n])[:200])
            np.testing.assert_allclose(measure(with_tick[n])[200 + n :], measure(without[n])[200 + n :], rtol=0, atol=0)


def test_the_error_after_a_bad_tick_has_left_is_below_1e_12() -> None:
    x, y = market(700)
    x[200] = 1e4
    for n, m in rolled(x, y, WINDOWS).items():
        r = pairs.correlation(m)
        assert max(abs(r[t] - fresh(x, y, t, n)[0]) for t in range(200 + n, 700)) < 1e-12


@given(st.lists(st.integers(1, 70), min_size=1, max_size=5), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_windows_of_any_length_are_what_numpy_says(windows: list[int], seed: int) -> None:
    """Also windows longer than the series, and the counts of windows that begin before it."""
    x, y = market(60, seed)
    given_both = ~np.isnan(x) & ~np.isnan(y)
    for n, m in rolled(x, y, windows).items():
        for t in range(60):
            part = slice(max(0, t - n + 1), t + 1)
            a, b = x[part][given_both[part]], y[part][given_both[part]]
            assert m.n[t] == a.size
            assert m.xy[t] == pytest.approx(np.sum((a - a.mean()) * (b - b.mean())) if a.size else 0, abs=1e-15)
            assert m.x.squares[t] == pytest.approx(np.sum((a - a.mean()) ** 2) if a.size else 0, abs=1e-15)


def test_pairs_that_share_legs_get_what_each_gets_alone() -> None:
    """Three assets of which one has holes, one begins late: the model's rows, bit for bit, are those of a pair alone."""
    draw = np.random.default_rng(11)
    first, sessions = 4_000, 330
    legs = dict(zip("ABC", draw.normal(0, 0.01, (3, sessions)), strict=True))
    legs["B"][draw.random(sessions) < 0.05] = NAN
    starts = {"A": 0, "B": 0, "C": 40}
    rows, alone = [], {}
    for one, other in (("A", "B"), ("A", "C"), ("B", "C")):
        start = max(starts[one], starts[other])
        x, y = legs[one][start:], legs[other][start:]
        alone[one, other] = (start, x, y)
        rows.append(
            pl.DataFrame({"return_x": x, "return_y": y}).with_columns(
                pl.col("return_x", "return_y").fill_nan(None),
                asset_x=pl.lit(one), asset_y=pl.lit(other), alignment=pl.lit("close"), lag_sessions=pl.lit(0),
                session_no=pl.int_range(first + start, first + sessions),
                session_date=pl.date(2020, 1, 1) + pl.duration(days=pl.int_range(start, sessions)),
            )
        )  # fmt: skip
    base = Rendered()
    base.put(int_pair_returns=pl.concat(rows).sample(fraction=1, shuffle=True, seed=1))
    base.run("int_pair_statistics")
    found = base.rows("int_pair_statistics")
    assert found.height == sum(4 * x.size for _, x, _ in alone.values())
    for (one, other), (start, x, y) in alone.items():
        both = ~np.isnan(x) & ~np.isnan(y)
        for n, m in pairs.moments(x, y, both, WINDOWS).items():
            up = pairs.moments(x, y, both & (y > 0), [n])[n]
            rows_of = found.filter(asset_x=one, asset_y=other, window_sessions=n).sort("session_no")
            assert rows_of["session_no"][0] == first + start and rows_of["n_obs"].to_list() == m.n.tolist()
            assert rows_of["n_up_of_x"].to_list() == up.n.tolist()
            for column, values in (
                ("r", pairs.correlation(m)),
                ("beta_of_y", pairs.slope(m).beta),
                ("error_of_x", pairs.slope(m, of_x=True).error),
                ("up_beta_of_x", pairs.beta(up.xy, up.y, up.n, pairs.LEAST_SUBSET)),
            ):
                np.testing.assert_array_equal(rows_of[column].fill_null(NAN).to_numpy(), values, column)


def test_a_leg_that_does_not_move_has_no_correlation() -> None:
    flat = np.full(40, 0.01)
    moving = market(40, 3)[0]
    m = rolled(flat, moving, [20])[20]
    assert np.isnan(pairs.correlation(m)).all() and np.isnan(pairs.slope(m).beta).all()
    trembling = rolled(flat + 1e-15 * moving, moving, [20])[20]
    assert np.isnan(pairs.correlation(trembling)).all() and np.isnan(pairs.slope(trembling).beta).all()


def test_a_subset_needs_eight_sessions() -> None:
    x, y = market(60)
    m = pairs.moments(x, y, ~np.isnan(x) & ~np.isnan(y) & (x > 0), [20])[20]
    beta = pairs.beta(m.xy, m.x, m.n, pairs.LEAST_SUBSET)
    assert np.isnan(beta[m.n < 8]).all() and not np.isnan(beta[m.n >= 8]).any()


def test_impossible_inputs_raise() -> None:
    with pytest.raises(ValueError, match="needs a finite return"):
        pairs.moments(np.array([np.inf]), np.array([0.0]), np.array([True]), [20])
    with pytest.raises(ValueError, match="must be positive"):
        pairs.moments(X, Y, np.full(5, True), [0])


@given(series, series, st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_bounds_symmetry_and_no_look_ahead(past: list, later: list, n: int) -> None:
    x, y = arrays(past)
    r = pairs.correlation(rolled(x, y, [n])[n])
    assert np.all(np.isnan(r) | (np.abs(r) <= 1))
    np.testing.assert_array_equal(r, pairs.correlation(rolled(y, x, [n])[n]))
    longer = pairs.correlation(rolled(*arrays(past + later), [n])[n])
    np.testing.assert_array_equal(r, longer[: len(past)])


def states(r: list[float], half_width: float) -> list[str | None]:
    values = np.array(r, dtype=np.float64)
    return pairs.regimes(values, values - half_width, values + half_width)


def test_a_regime_changes_after_five_sessions() -> None:
    assert states([0.1] + [0.4] * 5 + [0.1], 0.1) == ["NONE"] * 5 + ["MOD"] * 2
    assert states([0.1] + [0.4] * 4 + [0.1] * 6, 0.1) == ["NONE"] * 11


def test_a_regime_waits_until_the_interval_excludes_the_bound() -> None:
    assert states([0.1] + [0.25] * 9, 0.1) == ["NONE"] * 10
    assert states([0.1] + [0.6] * 5, 0.2) == ["NONE"] * 5 + ["MOD"]
    assert states([0.6] + [-0.5] * 5, 0.2) == ["HIGH"] * 5 + ["NEG"]


def test_a_regime_skips_days_without_a_correlation() -> None:
    assert states([NAN, 0.3, 0.3, NAN, 0.0], 0.1) == [None, "MOD", "MOD", None, "MOD"]


@pytest.mark.parametrize(("r", "regime"), [(-0.2001, "NEG"), (-0.2, "NONE"), (0.2, "MOD"), (0.5, "HIGH")])
def test_the_bounds_of_regimes(r: float, regime: str) -> None:
    assert states([r], 0.1) == [regime]


def test_the_decayed_example() -> None:
    """Variances 1e-4, covariance 5e-5, then three pairs; a session without a return leaves the value as it was."""
    x, y = np.array([0.01, -0.02, NAN, 0.015]), np.array([0.02, -0.03, 0.5, 0.01])
    found = pairs.decayed(x, y, (1e-4, 1e-4, 5e-5))
    assert found[-1] == pytest.approx(0.67097, abs=5e-6)
    assert found[2] == found[1]


def test_a_decayed_correlation_begins_with_a_sample_of_sixty() -> None:
    draw = np.random.default_rng(5)
    x, y = draw.normal(0, 0.01, (2, 300))
    x[[10, 11, 12]] = NAN  # three in a row are bridged
    x[150:154] = NAN  # four are not
    found, used = pairs.decayed_from_sample(x, y)
    assert np.isnan(found[:62]).all() and used[61] == 59
    sample = ~np.isnan(x[:63])
    assert found[62] == pytest.approx(np.corrcoef(x[:63][sample], y[:63][sample])[0, 1], abs=1e-12)
    assert found[152] == found[149] and used[152] == 147
    assert np.isnan(found[153:213]).all() and used[153] == 0 and used[213] == 60
    assert found[213] == pytest.approx(np.corrcoef(x[154:214], y[154:214])[0, 1], abs=1e-12)
    shorter, _ = pairs.decayed_from_sample(x[:200], y[:200])
    np.testing.assert_array_equal(shorter, found[:200])


def test_the_adjusted_example() -> None:
    assert pairs.adjusted_for_variance(np.array([0.6]), np.array([3.0]))[0] == pytest.approx(0.3511, abs=5e-5)


def test_correlations_by_state_are_those_of_the_sessions_so_far() -> None:
    x, y = market(400)
    in_stress = np.random.default_rng(3).random(400) < 0.3
    x[in_stress] *= 2
    found = pairs.by_state(x, y, in_stress)
    both = ~np.isnan(x) & ~np.isnan(y)
    for t in (98, 250, 399):
        parts = [np.flatnonzero((both & mask)[: t + 1]) for mask in (in_stress, ~in_stress)]
        assert [found.n_stress[t], found.n_calm[t]] == [part.size for part in parts]
        r, calm = (np.corrcoef(x[part], y[part])[0, 1] if part.size >= 30 else NAN for part in parts)
        excess = np.var(x[parts[0]], ddof=1) / np.var(x[parts[1]], ddof=1) - 1
        adjusted = r / np.sqrt(1 + excess * (1 - r**2))
        got = [found.stress[t], found.calm[t], found.adjusted[t]]
        assert got == pytest.approx([r, calm, adjusted], abs=1e-12, nan_ok=True)
    few = found.n_stress < 30
    assert few.any() and np.isnan(found.stress[few]).all() and np.isnan(found.adjusted[few]).all()


def test_a_coin_is_taken_at_the_close_from_its_first_hour_on() -> None:
    """Whole days before; a session without an hour after that has no return, whatever its day says. Stress is 95 of 100."""
    draw = np.random.default_rng(9)
    days = pl.date(2020, 1, 1) + pl.duration(days=pl.int_range(0, 200))
    frame = pl.DataFrame({"return_x": draw.normal(0, 0.01, 200), "session_no": np.arange(200)}).with_columns(
        session_date=days, known_at=days.cast(pl.Datetime("us", "UTC")), asset_x=pl.lit("SMP"), asset_y=pl.lit("BTC"),
        lag_sessions=pl.lit(0),
    )  # fmt: skip
    whole, close = draw.normal(0, 0.03, (2, 200))
    close[:120] = close[150] = NAN
    rows = pl.concat(
        frame.with_columns(alignment=pl.lit(how), return_y=pl.Series(y).fill_nan(None))
        for how, y in (("utc_day", whole), ("nyse_close", close))
    )
    ticks = np.where(np.arange(200) % 2 == 0, 1_000_000, 950_000)
    index = frame.select("session_no", close_ticks=pl.Series(ticks))
    base = Rendered()
    base.put(
        int_pair_returns=rows,
        int_headline_returns=index,
        correlation_assets=pl.DataFrame({"asset_id": ["SMP", "BTC"], "sort_order": [1, 4]}),
    )
    base.run("int_running_correlations")
    found = base.rows("int_running_correlations").sort("session_date")
    y = np.where(np.arange(200) < 120, whole, close)
    value, used = pairs.decayed_from_sample(frame["return_x"].to_numpy(), y)
    assert found.height == 199 and found["n_decayed"].to_list() == used[1:].tolist() and used[-1] == 199
    np.testing.assert_array_equal(found["decayed"].fill_null(NAN).to_numpy(), value[1:])
    assert found["n_stress"][-1] == 100 and found["n_calm"][-1] == 99
