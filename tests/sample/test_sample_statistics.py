"""Released statistics: vintages, revisions, release days and their seeds, months never published, the story in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ingestion import calendar
from ingestion import releases as published
from ingestion.sample import seeds
from ingestion.sample.world import releases
from ingestion.sample.world.episodes import EPISODES
from ingestion.sample.world.market import world
from ingestion.sample.world.story import POLICY

Get = Callable[..., Any]
FRED = "https://fred.stlouisfed.org/graph/fredgraph.csv?id="
ALFRED = "https://alfred.stlouisfed.org/graph/alfredgraph.csv?id="


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _vintage(ask: Get, series: str, day: date) -> dict[str, str]:
    rows = _table(ask(f"{ALFRED}{series}&vintage_date={day}").text)
    return {row["observation_date"]: row[f"{series}_{day:%Y%m%d}"] for row in rows}


def test_alfred_file(ask: Get) -> None:
    answer = ask(
        f"{ALFRED}CPIAUCSL,CPIAUCSL&vintage_date=2024-01-11,2024-02-14&cosd=2023-11-01,2023-11-01&coed=2024-01-11,2024-02-14"
    )
    lines = answer.text.splitlines()
    assert lines[0] == "observation_date,CPIAUCSL_20240111,CPIAUCSL_20240214"
    assert [line[:10] for line in lines[1:]] == ["2023-11-01", "2023-12-01", "2024-01-01"]
    assert lines[3].split(",")[1] == ""  # not in the first vintage
    assert all(len(cell.partition(".")[2]) == 3 for line in lines[1:] for cell in line.split(",")[1:] if cell)
    assert ask(f"{ALFRED}NOPE&vintage_date=2024-01-11").status_code == 404
    assert ask(f"{ALFRED}CPIAUCSL&vintage_date=2026-02-11").status_code == 400
    assert ask(f"{ALFRED}CPIAUCSL,CPIAUCSL&vintage_date=2024-01-11").status_code == 400


def test_a_vintage_begins_on_its_release_day_and_not_before_half_past_eight(ask: Get) -> None:
    day = releases.released("cpi", date(2024, 3, 1))
    assert day is not None
    assert "2024-03-01" in _vintage(ask, "CPIAUCSL", day)
    assert "2024-03-01" not in _vintage(ask, "CPIAUCSL", day - timedelta(1))
    early = datetime(day.year, day.month, day.day, 12, 29, tzinfo=UTC)  # 08:29 New York
    assert "2024-03-01" not in ask(f"{FRED}CPIAUCSL", early).text
    assert "2024-03-01" in ask(f"{FRED}CPIAUCSL", early + timedelta(minutes=1)).text
    assert ask(f"{ALFRED}CPIAUCSL&vintage_date={day}", early).status_code == 400


def test_fred_is_the_newest_vintage(ask: Get) -> None:
    for series in world().prints:
        rows = {r["observation_date"]: r[series] for r in _table(ask(FRED + series).text) if r[series]}
        assert rows == _vintage(ask, series, date(2026, 1, 15)), series


def _changed(ask: Get, series: str, first: date, second: date) -> set[str]:
    old, new = _vintage(ask, series, first), _vintage(ask, series, second)
    return {period for period in old if old[period] != new[period]}


def test_revisions_come_when_they_do_in_life(ask: Get) -> None:
    def day(release: str, year: int, month: int) -> date:
        found = releases.released(release, date(year, month, 1))
        assert found is not None
        return found

    ordinary = day("jobs", 2024, 4), day("jobs", 2024, 5)
    assert _changed(ask, "PAYEMS", *ordinary) == {"2024-03-01", "2024-04-01"}
    benchmark = _changed(ask, "PAYEMS", day("jobs", 2023, 12), day("jobs", 2024, 1))
    assert len(benchmark) > 12
    assert not _changed(ask, "CPIAUCSL", day("cpi", 2024, 4), day("cpi", 2024, 5))
    factors = _changed(ask, "CPIAUCSL", day("cpi", 2023, 12), day("cpi", 2024, 1))
    assert 40 < len(factors) <= 72
    assert min(factors) >= "2019-01-01"
    assert not _changed(ask, "CPIAUCNS", date(2015, 3, 2), date(2025, 3, 3))
    assert {p[:7] for p in _changed(ask, "RSAFS", day("retail", 2024, 4), day("retail", 2024, 5))} <= {
        "2024-03",
        "2024-04",
    }
    assert _changed(ask, "UNRATE", day("jobs", 2023, 11), day("jobs", 2023, 12))


def test_october_2025_was_never_published_and_its_neighbours_came_late(ask: Get) -> None:
    for series in ("CPIAUCSL", "CPIAUCNS", "CPILFESL", "UNRATE"):
        rows = {row["observation_date"]: row[series] for row in _table(ask(FRED + series).text)}
        assert rows["2025-10-01"] == ""
        assert rows["2025-09-01"]
        assert rows["2025-11-01"]
        assert "2025-10-01" not in _vintage(ask, series, date(2026, 1, 15))
    assert _vintage(ask, "PAYEMS", date(2025, 12, 16))["2025-10-01"]
    assert "2025-09-01" not in ask(f"{FRED}CPIAUCSL", datetime(2025, 10, 23, 20, tzinfo=UTC)).text
    assert "2025-09-01" in ask(f"{FRED}CPIAUCSL", datetime(2025, 10, 24, 20, tzinfo=UTC)).text


def test_release_days_are_sessions_after_their_period() -> None:
    for release in releases.RELEASES:
        days = [releases.released(release, p) for p in published.periods(release, date(2011, 1, 1), date(2026, 1, 1))]
        held = [day for day in days if day is not None]
        assert set(held) <= set(calendar.sessions())
        assert held == sorted(held)
        assert len(days) - len(held) == (1 if release == "cpi" else 0)


def test_what_is_made_of_other_figures_follows_them() -> None:
    held, spread = {name: prints.final for name, prints in world().prints.items()}, world().observations["BAMLH0A0HYM2"]
    sales, prices, real = (held[name].values for name in ("RSAFS", "CPIAUCSL", "RRSFS"))
    assert np.allclose(real * prices / 100.0, sales)
    claims, benefits = held["ICSA"].values, held["CCSA"].values
    assert np.allclose(benefits[3:] / 9.0, (claims[3:] + claims[2:-1] + claims[1:-2] + claims[:-3]) / 4.0)
    assert 0.5 < (held["GDP"].values[-1] / held["GDP"].values[0] - 1.0) < 1.5  # sixteen years at some four percent
    by_day = dict(zip(spread.days, spread.values.tolist(), strict=True))
    for name, slope in (("NFCI", 0.3), ("STLFSI4", 0.6)):
        one = held[name]
        pairs = [
            (by_day[day], value) for day, value in zip(one.periods, one.values.tolist(), strict=True) if day in by_day
        ]
        shown = np.array([pair for pair in pairs if not np.isnan(pair[0])])
        assert np.polyfit(shown[:, 0], shown[:, 1], 1)[0] == pytest.approx(slope, abs=0.05), name
        assert np.corrcoef(shown[:, 0], shown[:, 1])[0, 1] > 0.9, "tight when spreads are wide"


def test_the_seeds_hold_the_worlds_own_rows() -> None:
    for name, (held, wanted) in seeds.rendered().items():
        assert "\nsample," in wanted
        assert held == wanted, f"{name}: run python -m ingestion.sample.seeds"


def test_meetings_decide_the_policy_rate() -> None:
    decided = dict(releases.meetings())
    assert {since - timedelta(1) for since, _ in POLICY if since.year > 2013} <= set(decided)
    assert all(decided[since - timedelta(1)] == upper for since, upper in POLICY if since.year > 2013)
    assert all(day.weekday() == 2 for day in decided)
    ahead = [upper for day, upper in decided.items() if day > date(2026, 1, 15)]
    assert len(ahead) == 16 and set(ahead) == {None}


def test_the_market_learns_what_a_meeting_will_decide() -> None:
    expected, days = world().expectations, world().clock.days
    for (_, before), (meeting, after) in pairwise(releases.meetings()):
        if before is None or after is None or meeting <= days[200]:
            continue
        k, t = expected.meetings.index(meeting), world().clock.index(meeting)
        assert abs(float(expected.steps[t - 1, k]) - (after - before)) < 0.2  # on the eve it knows most of it
        assert not expected.steps[t:, k].any()  # nothing is expected of what was decided
        odds = expected.odds(t - 1, meeting)
        assert sum(odds.values()) == pytest.approx(1)
        assert sum(change * chance for change, chance in odds.items()) == pytest.approx(float(expected.steps[t - 1, k]))


def _inflation(day: date) -> float:
    held = world().prints["CPIAUCSL"].final
    n = held.periods.index(day.replace(day=1))
    return float(held.values[n] / held.values[n - 6] - 1) * 200


def test_statistics_agree_with_the_story() -> None:
    falls = {e.trough: _inflation(e.trough) for e in EPISODES}
    months = timedelta(30)  # a scare of two weeks is too short for a monthly statistic
    rates = [falls[e.trough] for e in EPISODES if e.fall == "rates" and e.trough - e.peak > months]
    others = [falls[e.trough] for e in EPISODES if e.fall in ("earnings", "flows")]
    assert len(rates) >= 5
    assert min(rates) > max(2.2, float(np.median(others)))
    bear = next(e for e in EPISODES if e.trough.year == 2022 and e.trough.month > 6)
    assert _inflation(bear.trough) > 5.0
    held = world().prints["PAYEMS"].final
    hired = dict(zip(held.periods[1:], np.diff(held.values).tolist(), strict=True))
    scare = next(e for e in EPISODES if e.fall == "earnings" and e.trough.year == 2020)
    assert hired[scare.trough.replace(day=1)] < 60.0 < float(np.median(list(hired.values())))


@pytest.mark.parametrize("series", ["PCEPI", "CES0500000003", "ICSA", "RSAFS"])
def test_first_figures_are_off_by_a_little(series: str) -> None:
    prints = world().prints[series]
    first = prints.final.periods[-40]
    day = releases.released(prints.final.release_id, first)
    assert day is not None
    shown, final = float(prints.on(day)[-40]), float(prints.final.values[-40])
    assert abs(shown / final - 1) < 0.05
    assert np.isnan(prints.on(day)[-1])
