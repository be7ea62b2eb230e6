"""With a key: vintages from FRED's interface stand where ALFRED's stood, and the figures published stay the same."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from ingestion.registry import source
from ingestion.releases import is_weekly, release_of_series
from orchestration import dbt, steps
from orchestration.manifest import parsed_manifest
from orchestration.settings import Settings
from warehouse.database import reader, sealing
from warehouse.home import Home
from warehouse.lease import writing

KEY = "abcdefghijklmnopqrstuvwxyz123456"
VINTAGES = "SELECT series_id, obs_period, value, known_at FROM marts.macro_vintages WHERE vintage_source = 'vintage' ORDER BY ALL"
# Sessions after a series' first vintage of which the plain file speaks all the same, though it is dated by a lag rule.
MIXED = """
    SELECT a.series_id, min(a.session_date), count(*) FROM marts.macro_as_known AS a
    JOIN (SELECT series_id, min(realtime_start) AS began FROM raw.fred_api_vintages GROUP BY 1) AS t USING (series_id)
    WHERE a.session_date >= t.began AND a.vintage_source = 'lag_rule' GROUP BY 1
"""
Row = tuple[str, date, float, Any]


def _build_vintages(settings: Settings) -> None:
    home, facts = settings.home, steps.facts_of(settings)
    variables = {"as_of": f"{facts.as_of:%Y-%m-%dT%H:%M:%SZ}", "world": facts.world, "build_id": facts.build_id}
    with writing(home, "test"), sealing(home), dbt.environment(UPDRAFT_BUILD=str(home.build)):
        done = dbt.invoke(
            ["build", "--select", "+macro_vintages", "+macro_as_known", "--resource-type", "model", "--vars", json.dumps(variables),
             "--target-path", str(home.temp / "dbt"), "--log-path", str(home.temp / "dbt")],
            lambda node: None,
            parsed_manifest(),
        )  # fmt: skip
    assert done.success, done.exception


def test_the_vintages_both_hold_are_the_same(copied: Home, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    without: list[Row] = reader(copied.door).execute(VINTAGES).fetchall()
    report = steps.fetch_dataset(settings, source("fred_api_vintages"))
    assert (report.requested, report.lacks) == (0, "FRED_API_KEY")
    monkeypatch.setenv("FRED_API_KEY", KEY)
    report = steps.fetch_dataset(settings, source("fred_api_vintages"))
    assert report.outcomes["data"] == report.requested == 12 and not report.lacks
    steps.load_dataset(settings, source("fred_api_vintages"), report)
    _build_vintages(settings)
    with duckdb.connect(str(copied.build), read_only=True) as con:
        told = {s for (s,) in con.execute("SELECT DISTINCT series_id FROM raw.fred_api_vintages").fetchall()}
        asides = con.execute("SELECT count(*) FROM quarantine.fred_api_vintages").fetchall()[0][0]
        beside: list[Row] = con.execute(VINTAGES).fetchall()
        mixed = con.execute(MIXED).fetchall()
    assert len(told) == 12 and asides == 0 and mixed == []
    # the first vintage asked of ALFRED tells three years at once; FRED's interface tells when each figure really came
    began = {s: min(row[3] for row in without if row[0] == s) for s in told}
    both = {row for row in without if row[0] not in told or row[3] > began[row[0]]}
    assert len(both) > 5000 and both <= set(beside)
    for series, period, _, known_at in set(beside) - both:
        # more than ALFRED was asked for: before 2014, and revisions of periods before the window of a vintage
        months = 16 if is_weekly(release_of_series()[series]) else 36
        assert known_at <= began[series] or period < known_at.date() - timedelta(days=30 * months), (series, period)
