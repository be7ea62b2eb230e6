"""Dagster definitions: what the graph is, that it loads light, and what a schedule does on a holiday."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import dagster as dg
import pytest

from ingestion.registry import all_sources
from orchestration.health import data_freshness
from orchestration.lineage import readings_of
from orchestration.manifest import ensure_manifest, marts
from warehouse.home import REPO
from warehouse.rulebook import load_rules


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    ensure_manifest()
    from orchestration.definitions import defs

    return defs()


def keys(definitions: dg.Definitions) -> set[str]:
    return {"/".join(spec.key.path) for spec in definitions.resolve_all_asset_specs()}


def test_every_dataset_and_every_mart_is_an_asset(definitions: dg.Definitions) -> None:
    found = keys(definitions)
    assert {f"raw/{s.dataset}" for s in all_sources()} <= found
    assert {f"marts/{m.name}" for m in marts()} <= found
    assert "published/updraft" in found
    assert {key.split("/")[0] for key in found} == {
        "raw",
        "seeds",
        "staging",
        "intermediate",
        "indicators",
        "answer",
        "marts",
        "published",
    }


def test_the_publishing_asset_shows_one_check_per_judged_mart_and_waits_for_every_mart(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    published = dg.AssetKey(["published", "updraft"])
    shown = {key.name for key in graph.asset_check_keys if key.asset_key == published}
    assert shown == set(load_rules(marts()))
    assert {key.path[-1] for key in graph.get(published).parent_keys} == {m.name for m in marts()}
    refuses = {
        mart for mart, rules in load_rules(marts()).items() if any(rule.severity == "critical" for rule in rules)
    }
    assert {n.key.name for n in graph.asset_check_nodes if n.key.asset_key == published and n.blocking} == refuses


def test_assets_say_who_owns_them_where_they_belong_and_what_they_are(definitions: dg.Definitions) -> None:
    for spec in definitions.resolve_all_asset_specs():
        assert spec.owners and spec.group_name and spec.kinds, spec.key
        assert spec.description, f"{spec.key} has no description"
    by_key = {"/".join(s.key.path): s for s in definitions.resolve_all_asset_specs()}
    assert by_key["raw/fred_observations"].group_name == "macro"
    assert by_key["raw/fred_observations"].freshness_policy is not None


def test_the_readings_a_dataset_serves_come_from_the_manifest(definitions: dg.Definitions) -> None:
    assert {"MA01", "MA05", "MA06"} <= set(readings_of("alfred_vintages"))
    assert readings_of("fred_api_vintages") == readings_of("alfred_vintages")  # two tellings of one history
    assert "FL02" in readings_of("ishares_fund_history")
    assert {"VS01", "VS02"} <= set(readings_of("cboe_index_history"))
    assert readings_of("finra_margin") == ["FL09", "FL10"]
    assert "MA01" not in readings_of("yahoo_bars")  # the sessions are known without its bars
    assert readings_of("no_such_dataset") == []
    by_key = {"/".join(s.key.path): s for s in definitions.resolve_all_asset_specs()}
    assert by_key["raw/coinbase_candles"].metadata["serves"] == ", ".join(readings_of("coinbase_candles"))


def test_freshness_is_judged_by_the_dates_in_the_data(definitions: dg.Definitions) -> None:
    checked = {
        k.asset_key.path[-1] for k in definitions.resolve_asset_graph().asset_check_keys if k.name == "data_is_fresh"
    }
    assert {"yahoo_bars", "fred_observations", "cboe_index_history"} <= checked
    assert "sp500_spells" not in checked  # a list of members has no newest day it should reach
    evening = datetime(2026, 1, 16, 1, 30, tzinfo=UTC)  # half past eight in New York on the 15th
    fresh = data_freshness("yahoo_bars", date(2026, 1, 12), evening)
    assert (fresh.is_fresh, fresh.sessions_behind, fresh.expected) == (True, 3, date(2026, 1, 15))
    assert not data_freshness("yahoo_bars", date(2026, 1, 9), evening).is_fresh
    assert not data_freshness("yahoo_bars", None, evening).is_fresh
    afternoon = datetime(2026, 1, 15, 20, 0, tzinfo=UTC)  # before the snapshot of the 15th
    assert data_freshness("fred_observations", date(2026, 1, 13), afternoon).expected == date(2026, 1, 13)
    with pytest.raises(KeyError, match="sp500_spells"):
        data_freshness("sp500_spells", None, evening)


def test_dbt_reads_what_the_loader_writes(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    parents = graph.get(dg.AssetKey(["staging", "stg_yahoo_bars"])).parent_keys
    assert dg.AssetKey(["raw", "yahoo_bars"]) in parents


@pytest.mark.parametrize(
    ("day", "runs"),
    [(datetime(2026, 1, 16, 1, 15, tzinfo=UTC), True), (datetime(2026, 1, 20, 1, 15, tzinfo=UTC), False)],
)
def test_the_schedule_runs_on_sessions_and_skips_holidays(
    definitions: dg.Definitions, day: datetime, runs: bool
) -> None:
    schedule = definitions.resolve_schedule_def("after_snapshot")
    assert schedule.execution_timezone == "America/New_York" and schedule.cron_schedule == "15 20 * * 1-5"
    with dg.build_schedule_context(scheduled_execution_time=day) as context:
        result = schedule.evaluate_tick(context)
    assert bool(result.run_requests) is runs
    assert runs or "not a session" in str(result.skip_message)


def test_definitions_load_without_the_heavy_libraries_and_without_a_socket() -> None:
    script = (
        "import socket, sys\n"
        "real = socket.socket.connect\n"
        "def refuse(self, address):\n"
        "    raise AssertionError(f'a connection to {address} while loading definitions')\n"
        "socket.socket.connect = refuse\n"
        "from orchestration.definitions import defs\n"
        "defs()\n"
        "heavy = [m for m in ('great_expectations', 'dbt.cli.main', 'pandas', 'scipy', 'exchange_calendars') if m in sys.modules]\n"
        "assert not heavy, heavy\n"
    )
    ensure_manifest()
    done = subprocess.run([sys.executable, "-c", script], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_generated_files_are_current() -> None:
    for module in ("ingestion.registry", "orchestration.render"):
        done = subprocess.run(
            [sys.executable, "-m", module, "--check"], cwd=REPO, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
