"""What became of rallies: the barrier by its closed forms, nothing from the future, a gate that stays shut without skill,
and the whole walk once more in plain Python on a path where the model speaks (in the sample world it never does)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second import durability, rallies

from updraft_kernels import outcomes, rally

RULE = rally.Rule(5, 5, 10)
AGES = (0, 21, 42, 63)
SETTINGS = outcomes.Settings(126, (0.9, 1.0, 1.0), 2.0, 20, 10, 1.0, 1.0, 1.0, 20.0, 1.0)


@dataclass(frozen=True)
class Path:
    """A path with its decisions, as the models give them to the kernel."""

    ticks: outcomes.Positions
    standing: outcomes.Positions
    decisions: outcomes.Decisions

    def walk(self, score: outcomes.Array, s: outcomes.Settings = SETTINGS) -> outcomes.Walked:
        y = outcomes.outcomes(self.ticks, self.decisions, s.horizon)
        return outcomes.walk(self.ticks, self.standing, score, self.decisions, y, s)


def path_of(ticks: outcomes.Positions) -> Path:
    found = rally.states(ticks, RULE).to_dicts()
    rows: list[tuple[int, int, int, int]] = []
    standing, number = np.full(len(ticks), -1), -1
    for t, row in enumerate(found):
        if row["state"] == "RALLY":
            age = t - row["up_confirmed"]
            number += age == 0
            if age in AGES:
                rows.append((t, age, number, int(ticks[row["low"]])))
            standing[t] = len(rows) - 1
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Path(ticks, standing, outcomes.Decisions(*(columns[:, k].copy() for k in range(4))))


def market(closes: int, seed: int, deviation: float = 0.02) -> Path:
    moves = np.random.default_rng(seed).normal(0.0004, deviation, closes)
    return path_of(np.rint(1e7 * np.exp(np.cumsum(moves))).astype(np.int64))


def scores(path: Path, skill: float, seed: int) -> outcomes.Array:
    """One column: noise, moved towards the outcome of the rally's decision by ``skill``."""
    y = outcomes.outcomes(path.ticks, path.decisions, 126)[:, 0]
    draw = np.random.default_rng(seed).random(len(path.ticks))
    known = np.where(path.standing >= 0, np.nan_to_num(y, nan=0.5)[np.maximum(path.standing, 0)], 0.5)
    return ((1 - skill) * draw + skill * known)[:, None]


def test_a_driftless_barrier_is_reflection() -> None:
    far = np.array([0.05, 0.1, 0.3])
    found = outcomes.barrier(far, np.zeros(3), np.full(3, 0.01), 126)
    spread = 0.01 * np.sqrt(126)
    np.testing.assert_allclose(found[:, outcomes.HOLDS], 2 * outcomes.normal(far / spread) - 1)
    np.testing.assert_allclose(found[:, outcomes.HIGHER], 0.5)
    np.testing.assert_allclose(found[:, outcomes.SUSTAINED], 0.5 - outcomes.normal(-2 * far / spread))


def test_the_barrier_is_what_many_walks_do() -> None:
    """A walk in steps may pass the trough between closes: a known .5826 deviations of a step further away."""
    moves = np.random.default_rng(1).normal(0.0005, 0.01, (20_000, 126))
    level = np.cumsum(moves, axis=1)
    holds, higher = level.min(axis=1) > -0.08, level[:, -1] >= 0
    found = outcomes.barrier(np.array([0.08 + 0.005826]), np.array([0.0005]), np.array([0.01]), 126)[0]
    np.testing.assert_allclose(found, [(holds & higher).mean(), holds.mean(), higher.mean()], atol=0.01)


def test_a_barrier_without_a_deviation_is_not_told() -> None:
    assert np.isnan(outcomes.barrier(np.array([0.1]), np.array([0.0]), np.array([0.0]), 126)).all()


def test_touching_the_trough_is_not_holding_and_standing_still_is_no_lower() -> None:
    ticks = np.array([90, 95, 90, 95, 99], dtype=np.int64)
    decided = outcomes.Decisions(*(np.array(x) for x in ([1, 3], [0, 0], [0, 1], [90, 90])))
    found = outcomes.outcomes(ticks, decided, 2)
    np.testing.assert_array_equal(found[0], [0, 0, 1])  # touched; 95 is no lower than 95
    assert np.isnan(found[1]).all()


def test_decisions_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="oldest first"):
        outcomes.Decisions(*(np.array(x) for x in ([3, 1], [0, 0], [0, 1], [90, 90])))


def test_lengths_must_agree() -> None:
    path = market(600, 1)
    with pytest.raises(ValueError, match="must be as many"):
        path.walk(np.zeros((5, 1)))


def test_a_path_without_a_rally_says_nothing() -> None:
    path = path_of(np.arange(1000, 1400, dtype=np.int64))
    found = path.walk(np.full((400, 1), 0.5))
    assert np.isnan(found.p).all() and (found.kind == -1).all() and (found.wealth == 1).all()


@given(
    st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(-3, 3), st.booleans()), min_size=1, max_size=40),
    st.sampled_from([0.5, 1.0, 4.0]),
)
@settings(max_examples=60, deadline=None)
def test_a_slope_is_where_the_derivative_is_zero(rows: list[tuple[float, float, bool]], ridge: float) -> None:
    x, offset, y = (np.array(c, dtype=np.float64) for c in zip(*rows, strict=True))
    assert outcomes.slope(x, offset, y, ridge) == pytest.approx(durability._learnt(rows, ridge), abs=1e-7)


def test_without_rows_nothing_is_learnt() -> None:
    none = np.zeros(0)
    assert outcomes.slope(none, none, none, 1.0) == 0


@pytest.mark.parametrize("cut", [900, 1500, 2201])
def test_what_was_said_does_not_change_when_the_future_arrives(cut: int) -> None:
    whole, early = market(2600, 5), path_of(market(2600, 5).ticks[:cut])
    score = scores(whole, 0.5, 6)
    now, then = whole.walk(score), early.walk(score[:cut])
    for name in ("p", "alone", "k", "n", "benchmark", "kind", "wealth", "bets", "brier", "made", "episodes", "slope"):
        np.testing.assert_array_equal(getattr(now, name)[:cut], getattr(then, name), err_msg=name)
    assert np.isfinite(then.alone).any()


def test_the_three_outcomes_stay_possible_together() -> None:
    path = market(4000, 11)
    p = path.walk(scores(path, 0.9, 3)).p[path.standing >= 0]
    p = p[np.isfinite(p).all(axis=2).any(axis=1)]
    for kind in range(3):
        one, two, three = p[:, kind].T
        told = np.isfinite(one)
        assert told.any()
        assert (one[told] <= np.minimum(two, three)[told] + 1e-12).all() and (one[told] > 0).all()
        assert (two[told] + three[told] - one[told] <= 1 + 1e-12).all()


def test_a_model_with_skill_opens_the_gate_and_becomes_the_headline() -> None:
    path = market(9000, 21)
    found = path.walk(scores(path, 0.6, 4))
    assert found.wealth.max() > 20
    speaks = found.kind == 2
    assert speaks.any()
    # never before twenty times the stake was won, never while less than the stake is left
    best = np.maximum.accumulate(found.wealth)
    assert (best[speaks] >= 20).all() and (found.wealth[speaks] >= 1).all()
    assert found.brier[-1, 2] < found.brier[-1, :2].min()


def test_without_skill_the_gate_stays_shut() -> None:
    """One in twenty at most may open it; of these thirty none does."""
    opened = 0
    for seed in range(30):
        path = market(3000, 100 + seed)
        opened += bool((path.walk(scores(path, 0.0, seed)).kind == 2).any())
    assert opened <= 1


def test_one_bet_stands_at_a_time() -> None:
    path = market(4000, 11)
    found = path.walk(scores(path, 0.5, 3))
    settled = np.flatnonzero(np.diff(found.bets) > 0)
    assert len(settled) > 5 and np.diff(settled).min() >= 126


def test_a_gate_closes_when_the_wealth_is_lost() -> None:
    """The score says the truth for a while and the opposite afterwards."""
    path = market(16_000, 33)
    score = scores(path, 0.7, 8)
    score[9000:] = 1 - score[9000:]
    frozen = replace(SETTINGS, slope_ridge=1.0)
    found = path.walk(score, frozen)
    speaks = found.kind == 2
    closed = np.flatnonzero(found.wealth < 1)
    assert speaks.any() and closed.size, found.wealth[[9000, -1]]
    assert not speaks[closed].any()


def test_the_walk_again_in_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    path = market(4600, 77)
    columns = np.column_stack([scores(path, skill, n)[:, 0] for n, skill in enumerate((0.9, 0.3, 0.0, 0.8, 0.5, 0.1))])
    columns[::7, 2] = np.nan
    columns[:700, 0] = np.nan
    found = path.walk(columns)
    told = rallies.tell(path.ticks.tolist(), 5, 5, 10)
    prices: Any = SimpleNamespace(ticks=path.ticks, at=np.arange(len(path.ticks)))

    def number(x: float) -> float | None:
        return None if np.isnan(x) else float(x)

    spoken: dict[int, Any] = {
        t: SimpleNamespace(
            composite=number(row[0]), scores=dict(zip(durability.CRITERIA, map(number, row[1:]), strict=True))
        )
        for t, row in enumerate(columns)
    }
    monkeypatch.setattr(durability, "headline", lambda _: (prices, told))
    monkeypatch.setattr(durability, "scored", lambda _: spoken)
    monkeypatch.setattr(durability, "mean", lambda x: float(np.mean(x)))
    monkeypatch.setattr(durability, "stdev", lambda x: float(np.std(x, ddof=1)))
    again = durability.Walk(None)  # type: ignore[arg-type]

    at = sorted(again.said)
    assert at == np.flatnonzero(path.standing >= 0).tolist()
    said = [again.said[t] for t in at]
    nan = (np.nan,) * 3
    near = {"rtol": 1e-7, "atol": 1e-9}
    np.testing.assert_allclose(found.p[at, 0], [s.base for s in said], **near)
    np.testing.assert_allclose(found.p[at, 1], [s.barrier or nan for s in said], **near)
    assert [outcomes.KINDS[k] for k in found.benchmark[at]] == [s.benchmark for s in said]
    assert [outcomes.KINDS[k] for k in found.kind[at]] == [s.kind for s in said]
    for c, name in enumerate(("composite", *durability.CRITERIA)):
        alone = [np.nan if (p := (s.of or {})[name]) is None else p for s in said]
        np.testing.assert_allclose(found.alone[at, c], alone, **near)
        assert np.isfinite(alone).any()
    np.testing.assert_allclose(found.wealth, again.wealth, **near)
    assert found.bets.tolist() == again.bets and found.bets[-1] > 3
    spoke = [k for k, s in zip(at, said, strict=True) if s.kind == "model"]
    assert spoke
    np.testing.assert_allclose(found.p[spoke, 2], [again.said[t].headline() for t in spoke], **near)
    np.testing.assert_allclose(
        found.brier[-1], [np.mean(x) if x else np.nan for x in again.errors[-1].values()], **near
    )
    assert np.isfinite(found.brier[-1]).all()
