"""Indices that count newspapers (GU01 to GU03): the kernel on counts small enough to check by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from updraft_kernels import uncertainty

START = date(2014, 1, 1)


def moment(day: date, hour: int = 15) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def counts(values: list[float], *again: tuple[int, float, date]) -> pl.DataFrame:
    """A value per day, known at 15:00 of the next; ``again``: a day's place, its later value, the day it was told."""
    rows: list[dict[str, Any]] = []
    for n, value in enumerate(values):
        day = START + timedelta(n)
        told = moment(day + timedelta(1))
        rows.append({"index_id": "x", "observed_on": day, "value": value, "known_at": told, "first_seen_at": told})
    for n, value, told_on in again:
        told = moment(told_on)
        rows.append(
            {
                "index_id": "x",
                "observed_on": START + timedelta(n),
                "value": value,
                "known_at": told,
                "first_seen_at": told,
            }
        )
    kinds = {name: pl.Datetime("us", "UTC") for name in ("known_at", "first_seen_at")}
    return pl.DataFrame(rows, schema_overrides=kinds)


def sessions(*days: date) -> pl.DataFrame:
    """Snapshots at 23:00 UTC of the days."""
    return pl.DataFrame(
        {"session_no": list(range(1, len(days) + 1)), "snapshot_at": [moment(day, 23) for day in days]},
        schema={"session_no": pl.Int32, "snapshot_at": pl.Datetime("us", "UTC")},
    )


def test_means_are_of_the_last_days_known() -> None:
    found = uncertainty.standing(
        counts([float(n) for n in range(40)]), sessions(START + timedelta(7), START + timedelta(40))
    )
    first, last = found.rows(named=True)
    assert first["observed_on"] == START + timedelta(6) and first["mean_7d"] == 3.0
    assert first["mean_30d"] is None and first["is_shock"] is None and first["percentile_10y"] is None
    assert last["mean_7d"] == 36.0 and last["mean_30d"] == 24.5


def test_a_later_count_speaks_from_when_it_was_told() -> None:
    told_on = START + timedelta(12)
    days = [START + timedelta(n) for n in (11, 12)]
    found = uncertainty.standing(counts([7.0] * 20, (10, 77.0, told_on)), sessions(*days)).rows(named=True)
    assert [row["mean_7d"] for row in found] == [7.0, 17.0]
    alone = uncertainty.standing(counts([7.0] * 11), sessions(days[0])).rows(named=True)
    assert alone[0] == {**found[0], "session_no": 1}, "what comes later changes nothing that was said"


def test_rank_and_distance_are_of_one_state() -> None:
    percentile, z, n = uncertainty.rank(np.array([np.nan, 12.0, 15.0, 18.0, 20.0, 22.0, 16.0]))
    assert (round(percentile, 2), n) == (41.67, 6)
    assert z == pytest.approx((16 - 17.4) / np.std([12, 15, 18, 20, 22], ddof=1))


def test_ten_years_need_nine_of_them() -> None:
    size = 3652
    rising = [100.0 + 0.01 * n for n in range(size)]
    enough = int(0.9 * size) + 1 + uncertainty.SHORT  # the first six days have no mean of seven
    before, after = (
        uncertainty.standing(counts(rising[:n]), sessions(START + timedelta(n))).row(0, named=True)
        for n in (enough - 5, enough)
    )
    assert before["percentile_10y"] is None and before["n_10y"] == enough - 11
    assert after["percentile_10y"] == pytest.approx(100 * (after["n_10y"] - 0.5) / after["n_10y"])


def test_a_shock_begins_once_and_eases() -> None:
    calm = [100.0 + (n % 5) for n in range(300)]
    values = [*calm, *[400.0] * 20, *[100.0 + n % 5 for n in range(80)]]
    days = [START + timedelta(n) for n in range(255, len(values) + 1)]
    found = uncertainty.standing(counts(values), sessions(*days))
    # the mean of seven passes the threshold on the first day of the rise: one day of 400 lifts it by 42
    assert found["shock_on"].drop_nulls().unique().to_list() == [START + timedelta(300)]
    at = {row["observed_on"]: row for row in found.rows(named=True)}
    assert at[START + timedelta(299)]["is_shock"] is False and at[START + timedelta(300)]["is_shock"] is True
    eased = [day for day, row in at.items() if row["has_eased"]]
    means = {day: row["mean_30d"] for day, row in at.items()}
    highest = max(means.values())
    assert min(eased) == min(day for day in means if day > START + timedelta(320) and means[day] <= 0.75 * highest)
    assert max(eased) == START + timedelta(390), "a shock is forgotten after 90 days"


def test_a_calm_index_has_neither_shock_nor_ease() -> None:
    values = [100.0 + n % 5 for n in range(400)]
    found = uncertainty.standing(counts(values), sessions(START + timedelta(400)))
    assert found.select("is_shock", "has_eased", "shock_on").row(0) == (False, False, None)


def test_several_indices_are_told_apart() -> None:
    both = pl.concat([counts([1.0] * 10), counts([2.0] * 10).with_columns(index_id=pl.lit("y"))])
    found = uncertainty.standing(both, sessions(START + timedelta(10)))
    assert dict(found.select("index_id", "mean_7d").iter_rows()) == {"x": 1.0, "y": 2.0}


def test_a_shock_lies_three_robust_deviations_above_the_middle() -> None:
    before = np.array([90.0, 100.0, 110.0] * 84)  # middle 100; two thirds lie 10 away
    threshold = 100.0 + 3.0 * 1.4826 * 10.0
    assert uncertainty.is_shock(np.append(before, threshold)) is False
    assert uncertainty.is_shock(np.append(before, threshold + 0.01)) is True
    assert uncertainty.is_shock(np.append(before[1:], threshold + 0.01)) is None, "251 days are too few"


@pytest.mark.parametrize(("calm_days", "events"), [(20, 1), (45, 2)])
def test_a_second_rise_soon_after_is_the_same_shock(calm_days: int, events: int) -> None:
    """The mean of seven days is high for six days more; thirty days without a shock make the next one another."""
    calm = [100.0 + n % 5 for n in range(300)]
    values = [*calm, *[900.0] * 3, *calm[:calm_days], *[900.0] * 3, *calm[:20]]
    days = [START + timedelta(n) for n in range(300, len(values) + 1)]
    found = uncertainty.standing(counts(values), sessions(*days))
    assert len(found["shock_on"].drop_nulls().unique()) == events


def test_a_long_shock_is_one() -> None:
    calm = [100.0 + n % 5 for n in range(300)]
    values = [*calm, *[900.0] * 60]
    found = uncertainty.standing(counts(values), sessions(*(START + timedelta(n) for n in range(300, 361))))
    assert found["shock_on"].drop_nulls().unique().to_list() == [START + timedelta(300)]


def test_what_is_known_at_the_moment_of_the_snapshot_counts() -> None:
    at = pl.DataFrame(
        {"session_no": [1], "snapshot_at": [moment(START + timedelta(8))]},
        schema={"session_no": pl.Int32, "snapshot_at": pl.Datetime("us", "UTC")},
    )
    assert uncertainty.standing(counts([1.0] * 9), at)["observed_on"].to_list() == [START + timedelta(7)]


def test_a_recount_of_an_old_day_does_not_move_the_newest_back() -> None:
    days = [START + timedelta(n) for n in (13, 15)]
    found = uncertainty.standing(counts([7.0] * 12, (3, 70.0, START + timedelta(15))), sessions(*days)).rows(named=True)
    assert [row["observed_on"] for row in found] == [START + timedelta(11)] * 2
    assert [row["mean_7d"] for row in found] == [7.0, 7.0]
