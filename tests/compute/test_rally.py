"""The rally kernel: the synthetic path of the definition, thresholds to the tick, and what must hold for any path."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from updraft_kernels import rally

RULES = (rally.Rule(5, 5, 10), rally.Rule(10, 10, 20))
GOLDEN = (100, 104, 98, 95, 99, 101, 94, 90, 94.5, 97, 89, 85, 90, 96, 101, 104.5, 110, 104, 99)


def run(closes: list[float] | tuple[float, ...], rule: rally.Rule = RULES[0]) -> pl.DataFrame:
    return rally.states(np.array([round(c * 10_000) for c in closes], dtype=np.int64), rule)


def ended(states: pl.DataFrame) -> list[dict[str, object]]:
    """Ended episodes, each with what the last row of its rally said."""
    rows = states.with_row_index("t").to_dicts()
    return [
        {**rows[row["t"] - 1], "end": row["end_kind"], "end_at": row["t"]}
        for row in rows
        if row["end_kind"] is not None
    ]


def test_the_synthetic_path_of_the_definition() -> None:
    found = run(GOLDEN)
    expected = [
        {"peak": 1, "low": 3, "up_confirmed": 5, "recovered": None, "high": 5, "end": "failed", "end_at": 6},
        {"peak": 1, "low": 7, "up_confirmed": 8, "recovered": None, "high": 9, "end": "failed", "end_at": 10},
        {"peak": 1, "low": 11, "up_confirmed": 12, "recovered": 15, "high": 16, "end": "completed", "end_at": 17},
    ]
    assert [{k: e[k] for k in expected[0]} for e in ended(found)] == expected
    assert found["state"][-1] == "DOWN"
    assert found["peak"][-1] == 16 and found["fall_confirmed"][-1] == 17 and found["low"][-1] == 18


def test_the_wider_rule_sees_one_fall_and_one_rally() -> None:
    found = run(GOLDEN, RULES[1])
    # 104 to 90 is the first fall of 10 %, 85 to 96 the first rise of 10 %, and 99 is exactly 10 % below 110.
    assert found["state"].to_list() == ["UP"] * 7 + ["DOWN"] * 6 + ["RALLY"] * 5 + ["DOWN"]
    assert ended(found)[0]["end"] == "completed" and ended(found)[0]["low"] == 11


@pytest.mark.parametrize(("close", "state"), [(95.0001, "UP"), (95.0, "DOWN")])
def test_a_fall_is_decided_to_the_tick(close: float, state: str) -> None:
    assert run([100, close])["state"][-1] == state


@pytest.mark.parametrize(("close", "state"), [(94.4999, "DOWN"), (94.5, "RALLY")])
def test_a_rise_is_decided_to_the_tick(close: float, state: str) -> None:
    assert run([100, 90, close])["state"][-1] == state


def test_a_rally_that_never_recovers_fades_and_its_high_becomes_the_peak() -> None:
    found = run([100, 80, 90, 81])
    assert (found["state"][-1], found["end_kind"][-1], found["peak"][-1]) == ("DOWN", "faded", 2)


def test_reaching_the_peak_confirms_even_below_the_rise() -> None:
    wide = rally.Rule(5, 50, 10)
    found = run([100, 95, 100], wide)
    assert found["state"][-1] == "RALLY" and found["recovered"][-1] == 2


@pytest.mark.parametrize(("close", "recovered"), [(99.9999, None), (100.0, 3), (100.0001, 3)])
def test_a_recovery_is_decided_to_the_tick(close: float, recovered: int | None) -> None:
    """A rally that was confirmed below the peak has recovered with the first close exactly at it."""
    found = run([100, 90, 95, close])
    assert found["state"].to_list()[2:] == ["RALLY", "RALLY"] and found["recovered"].to_list()[2:] == [None, recovered]


def test_an_equal_close_never_moves_a_date() -> None:
    found = run([100, 100, 95, 95, 100])
    assert found["peak"].to_list()[:4] == [0, 0, 0, 0] and found["low"][3] == 2


@pytest.mark.parametrize("ticks", [[], [0], [100, -1]])
def test_no_closes_or_impossible_prices_raise(ticks: list[int]) -> None:
    with pytest.raises(ValueError, match="rally states need"):
        rally.states(np.array(ticks, dtype=np.int64), RULES[0])


@pytest.mark.parametrize("percents", [(0, 5, 10), (10, 5, 5), (5, 0, 10), (5, 5, 100)])
def test_impossible_rules_raise(percents: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="rally rule"):
        rally.Rule(*percents)


paths = st.lists(st.integers(min_value=-120, max_value=125), min_size=1, max_size=120).map(
    lambda steps: np.array(np.maximum(1000, 1_000_000 * np.cumprod(1 + np.array(steps) / 1000)).round(), dtype=np.int64)
)
rules = st.sampled_from(RULES)


@settings(max_examples=150, deadline=None)
@given(paths, paths, rules)
def test_later_closes_never_change_an_earlier_state(past: np.ndarray, future: np.ndarray, rule: rally.Rule) -> None:
    alone = rally.states(past, rule)
    longer = rally.states(np.concatenate([past, future]), rule)
    assert longer.head(len(past)).equals(alone)


@settings(max_examples=150, deadline=None)
@given(paths, rules, st.integers(min_value=2, max_value=1000))
def test_scaling_every_price_changes_nothing(path: np.ndarray, rule: rally.Rule, factor: int) -> None:
    assert rally.states(path * factor, rule).equals(rally.states(path, rule))


@settings(max_examples=150, deadline=None)
@given(paths, rules)
def test_peaks_troughs_and_confirmations_alternate(path: np.ndarray, rule: rally.Rule) -> None:
    found = rally.states(path, rule).with_row_index("t")
    # A rally never follows a rally, nor UP anything: every end goes through DOWN.
    steps = {(a, b) for a, b in zip(found["state"], found["state"][1:], strict=False) if a != b}
    assert steps <= {("UP", "DOWN"), ("DOWN", "RALLY"), ("RALLY", "DOWN")}
    for row in found.filter(pl.col("state") == "RALLY").iter_rows(named=True):
        assert row["peak"] < row["fall_confirmed"] <= row["low"] < row["up_confirmed"] <= row["high"] <= row["t"]
        assert path[row["low"]] < path[row["peak"]]
        assert path[row["low"]] == path[row["fall_confirmed"] : row["t"] + 1].min()
        assert row["recovered"] is None or path[row["recovered"]] >= path[row["peak"]]
    lows = found.filter(pl.col("end_kind").is_not_null()).height
    opened = found.filter(pl.col("state") == "RALLY")["up_confirmed"].n_unique()
    assert opened - lows in (0, 1)


@settings(max_examples=300, deadline=None)
@given(paths, rules)
def test_episodes_are_what_the_states_say(path: np.ndarray, rule: rally.Rule) -> None:
    states = rally.states(path, rule)
    found = [e for e in rally.episodes(path, rule) if e.kind is not None]
    names = ("peak", "low", "up_confirmed", "high", "recovered")
    told = [{**{k: e[k] for k in names}, "end": e["end"], "end_at": e["end_at"]} for e in ended(states)]
    # the close that ends a rally may also be the first at the peak: the last row before it does not know
    assert [{**{k: getattr(e, k) for k in names}, "end": e.kind, "end_at": e.ended} for e in found] == told
    running = [e for e in rally.episodes(path, rule) if e.kind is None]
    last = states.row(-1, named=True)
    assert len(running) == (last["state"] == "RALLY")
    assert all({k: getattr(e, k) for k in names} == {k: last[k] for k in names} for e in running)


def test_episodes_of_the_synthetic_path_and_of_nothing() -> None:
    ticks = np.array([round(c * 10_000) for c in GOLDEN], dtype=np.int64)
    assert [(e.low, e.up_confirmed, e.ended, e.kind) for e in rally.episodes(ticks, RULES[0])] == [
        (3, 5, 6, "failed"), (7, 8, 10, "failed"), (11, 12, 17, "completed"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="rally episodes need"):
        rally.episodes(np.array([], dtype=np.int64), RULES[0])
