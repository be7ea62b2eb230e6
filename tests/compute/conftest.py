"""What the tests of this folder share: one small market, built by dbt as of two days and in two variants, and the facts of
the sample world with what one run made of them."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import tiny_assets
import tiny_macro
import tiny_market
from second.facts import World
from shared_homes import published_home

from ingestion import calendar
from warehouse import generations

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
Dbt = Callable[..., dict[str, str]]
THEN = "2025-01-01T01:00:00Z"  # the snapshot of tiny_market.EARLIER
NOW = calendar.snapshot_at(tiny_market.LAST).strftime("%Y-%m-%dT%H:%M:%SZ")
MARKET = ("+market_daily", "+breadth_daily", "+rally_daily")
POINT_IN_TIME = (
    *MARKET,
    *("+cross_asset_correlation", "+correlation_matrix", "+macro_as_known", "+macro_vintages", "+all_readings"),
)
# name: moment, what is built (nothing stands for all of it, unit tests and data tests included)
BUILDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "then": (THEN, POINT_IN_TIME),
    "now": (NOW, ()),
    "always_known": (NOW, MARKET),
    "nothing": (NOW, MARKET),
}


def _with_small_segments(scratch: Path) -> Path:
    """A copy of the project whose sample universes judge segments of two: the tiny market has seven stocks."""
    project = scratch / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs", "__pycache__"))
    seed = project / "seeds" / "universes.csv"
    with seed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with seed.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "min_sector_members": "2"} if row["world"] == "sample" else row for row in rows)
    return project


def _dbt(scratch: Path) -> Dbt:
    """How dbt is run: ``dbt(build_file, *arguments, **vars)`` → status per node name. Raises when dbt itself fails.

    The manifest names the catalog, so every build file must be called ``build.duckdb``.
    """
    from dbt.cli.main import dbtRunner

    from orchestration.dbt import close_database
    from orchestration.manifest import parsed_manifest

    project = _with_small_segments(scratch)
    # Parsing takes longer than building, and other vars would parse again. Each build reads the parsed manifest anew:
    # one that has been built from remembers that ephemeral models were put into the SQL that reads them.
    parsed = scratch / "target" / "partial_parse.msgpack"

    def run(build: Path, *arguments: str, **variables: str) -> dict[str, str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("UPDRAFT_BUILD", str(build))
            patch.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
            folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
            outputs = ["--target-path", str(scratch / "target"), "--log-path", str(scratch / "logs"), "--quiet"]
            if not parsed.exists():
                dbtRunner().invoke(["parse", *folders, *outputs])
            try:
                result = dbtRunner(manifest=parsed_manifest(parsed)).invoke(
                    [*arguments, *folders, *outputs, "--vars", json.dumps(variables)]
                )
            finally:
                close_database()
        if result.exception:
            raise result.exception
        return {
            r.node.name: f"{r.status}{': ' + r.message if r.message and r.status != 'success' else ''}"
            for r in result.result
        }

    return run


def _write(path: Path, name: str) -> None:
    """The market of build ``name``: every revision known from the start, or nothing at all, or as it is told."""
    tiny_market.write(path, *([calendar.snapshot_at(tiny_market.FIRST)] if name == "always_known" else []))
    if name == "nothing":
        with duckdb.connect(str(path)) as con:
            for dataset in ("yahoo_actions", "sp500_spells", "sp500_constituents", "yahoo_bars"):
                con.execute(f"DELETE FROM raw.{dataset}")
                con.execute(f"DELETE FROM raw.{dataset}_superseded")
    else:
        tiny_assets.write(path)
        tiny_macro.write(path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The builds of ``BUILDS`` by name, made by whichever worker comes first; ``statuses`` of the whole one."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "tiny"
    folder.mkdir(exist_ok=True)
    found: dict[str, Any] = {name: folder / name / "build.duckdb" for name in BUILDS}
    told = folder / "statuses.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            dbt = _dbt(folder)
            for name, (as_of, selected) in BUILDS.items():
                shutil.rmtree(folder / name, ignore_errors=True)
                (folder / name).mkdir()
                _write(found[name], name)
                without_tests = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
                kept = [*without_tests, "--select", *selected] if selected else []
                done = dbt(found[name], "build", *kept, world="sample", as_of=as_of)
                bad = {node: status for node, status in done.items() if status not in ("success", "pass")}
                assert not bad, f"{name}: {bad}"
                if not selected:
                    statuses = done
            told.write_text(json.dumps(statuses))
    return found | {"statuses": json.loads(told.read_text())}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The facts of the sample world beside what one whole run made of them. Read it, never write it."""
    home = published_home(tmp_path_factory)
    now = generations.published(home)
    assert now is not None
    return World(home.build, datetime.fromisoformat(now.receipt["as_of"]))
