"""The slope of returns on the change of a yield (``duration``) against numpy, and since when it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from updraft_kernels import duration


def pairs(size: int, basket: str = "tech", seed: int = 3) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 5, size).round(1)
    day = datetime(2025, 1, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "basket": basket,
            "session_no": pl.Series(range(size), dtype=pl.Int32),
            "change_bp": x,
            "excess_pct": -0.03 * x + rng.normal(0, 0.4, size),
            "known_at": [day + timedelta(n) for n in range(size)],
        }
    )


def test_slopes_are_those_of_least_squares() -> None:
    given = pairs(260)
    frame = duration.slopes(given)
    assert frame.height == 260
    for end in (99, 119, 120, 259):
        window = given[max(end - 119, 0) : end + 1]
        x, y = window["change_bp"].to_numpy(), window["excess_pct"].to_numpy()
        slope, cut = np.polyfit(x, y, 1)
        rest = y - cut - slope * x
        error = np.sqrt(rest @ rest / (x.size - 2) / np.sum((x - x.mean()) ** 2))
        row = frame.row(end, named=True)
        assert row["n_obs"] == x.size
        assert row["beta"] == pytest.approx(slope, abs=1e-12)
        assert row["ci_low"] == pytest.approx(slope - 1.96 * error, abs=1e-12)
        assert row["ci_high"] == pytest.approx(slope + 1.96 * error, abs=1e-12)


def test_fewer_than_a_hundred_pairs_have_no_slope() -> None:
    frame = duration.slopes(pairs(120))
    assert frame["beta"].is_null().to_list() == [True] * 99 + [False] * 21
    assert frame["n_obs"].to_list()[:3] == [1, 2, 3]


def test_a_yield_that_does_not_move_has_no_slope() -> None:
    still = pairs(130).with_columns(change_bp=pl.lit(0.0))
    frame = duration.slopes(still)
    assert frame.select("beta", "ci_low", "ci_high").null_count().row(0) == (130,) * 3


def test_a_slope_is_known_when_the_last_of_its_pairs_is() -> None:
    late = datetime(2026, 1, 1, tzinfo=UTC)
    given = pairs(130).with_columns(
        known_at=pl.when(pl.col("session_no") == 110)
        .then(late)
        .otherwise(pl.col("known_at"))
        .cast(pl.Datetime("us", "UTC"))
    )
    known = duration.slopes(given)["known_at"]
    assert known[109] == given["known_at"][109]
    assert set(known[110:]) == {late}


def test_baskets_are_kept_apart() -> None:
    one, other = pairs(130), pairs(130, "growth", seed=4)
    both = duration.slopes(pl.concat([one, other]).sample(fraction=1, shuffle=True, seed=1))
    assert both.filter(basket="tech").equals(duration.slopes(one))
    assert both.filter(basket="growth").equals(duration.slopes(other))


def test_no_pairs_have_no_slopes() -> None:
    assert duration.slopes(pairs(0)).schema == duration.SCHEMA
