"""Dagster's history in PostgreSQL: the command line and the UI write and show one history, and no file holds the password."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from loopback import free_port, wait_until
from postgres import Postgres

BIN = Path(sys.executable).parent
FIRST, NEXT = "2026-01-15T01:00:00+00:00", "2026-01-16T01:00:00+00:00"
SELECTOR = '{ repositoryLocationName: "updraft", repositoryName: "__repository__", %s }'


class Place:
    """A home whose Dagster keeps its history in a database of its own."""

    def __init__(self, home: Path, address: str) -> None:
        self.home, self.database = home, address
        self.env = os.environ | {
            "UPDRAFT_HOME": str(home), "UPDRAFT_VENDORS": "sample", "UPDRAFT_TIER": "core", "UPDRAFT_CLOCK": FIRST,
            "UPDRAFT_DAGSTER_DB": address, "DAGSTER_HOME": str(home / "dagster"), "DAGSTER_DISABLE_TELEMETRY": "1",
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }  # fmt: skip

    def updraft(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """A command, as a person types it."""
        return subprocess.run([BIN / "updraft", *args], env=self.env | env, capture_output=True, text=True, check=False)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        connection = psycopg2.connect(self.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def place(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """After a first run from the command line."""
    place = Place(tmp_path_factory.mktemp("place") / "home", postgres.new_database("dagster"))
    done = place.updraft("run")
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture(scope="module")
def ui(place: Place) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Code location, daemon and web server as orchestration/deployment.md starts them; asks their GraphQL."""
    location, web, folder = free_port(), free_port(), place.home.parent
    listed = folder / "workspace.yaml"
    listed.write_text(f"load_from:\n  - grpc_server: {{host: 127.0.0.1, port: {location}, location_name: updraft}}\n")
    commands = [
        ["dagster", "code-server", "start", "-m", "orchestration.definitions", "-h", "127.0.0.1", "-p", str(location)],
        ["dagster-daemon", "run", "-w", str(listed)],
        ["dagster-webserver", "-h", "127.0.0.1", "-p", str(web), "-w", str(listed)],
    ]

    def asked(query: str) -> dict[str, Any]:
        body = json.dumps({"query": query}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{web}/graphql", body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            told: dict[str, Any] = json.loads(answer.read())
        assert "errors" not in told, told
        return dict(told["data"])

    with contextlib.ExitStack() as running:
        for command in commands:
            running.enter_context(service(command, place.env | {"UPDRAFT_CLOCK": NEXT}, folder / f"{command[0]}.log"))
        loaded = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }"
        wait_until(lambda: asked(loaded)["repositoriesOrError"]["nodes"], "the UI has loaded the code", 300, (OSError,))
        yield asked


@contextlib.contextmanager
def service(command: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    """A program of the environment that runs for the time of the block, in a process group of its own."""
    with log.open("wb") as written:
        started = subprocess.Popen(
            [BIN / command[0], *command[1:]], env=env, stdout=written, stderr=written, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(started.pid, signal.SIGTERM)
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)


def test_a_run_from_the_command_line_is_in_the_database(place: Place) -> None:
    assert place.rows("SELECT status, pipeline_name FROM runs") == [("SUCCESS", "refresh")]
    ((assets,),) = place.rows(
        "SELECT count(DISTINCT asset_key) FROM event_logs WHERE dagster_event_type = 'ASSET_MATERIALIZATION'"
    )
    assert assets > 300
    assert not (place.home / "dagster" / "history").exists(), "nothing is kept in files beside it"


def test_no_file_of_the_home_holds_the_password(place: Place, postgres: Postgres) -> None:
    secret = postgres.password.encode()
    texts = [p for p in place.home.rglob("*") if p.is_file() and p.suffix in (".yaml", ".json", ".html", ".log", "")]
    assert len(texts) > 5 and not [p for p in texts if secret in p.read_bytes()]


def test_a_run_with_nothing_new_is_noted_there(place: Place) -> None:
    before = len(place.rows("SELECT 1 FROM runs"))
    assert place.updraft("run").returncode == 0
    assert len(place.rows("SELECT 1 FROM runs")) == before + 1
    tagged = place.rows("SELECT count(*) FROM run_tags WHERE key = 'updraft/outcome' AND value = 'nothing new'")
    assert tagged == [(1,)]


def test_the_ui_shows_that_run_and_its_checks(ui: Callable[[str], dict[str, Any]]) -> None:
    runs = ui("{ runsOrError { ... on Runs { results { status jobName tags { key value } } } } }")["runsOrError"][
        "results"
    ]
    assert {(run["jobName"], run["status"]) for run in runs} == {("refresh", "SUCCESS")}
    assert all({"key": "updraft/by", "value": "command line"} in run["tags"] for run in runs)
    checks = ui(
        '{ assetNodeOrError(assetKey: {path: ["published", "updraft"]}) { ... on AssetNode { assetChecksOrError {'
        " ... on AssetChecks { checks { name executionForLatestMaterialization { status } } } } } } }"
    )["assetNodeOrError"]["assetChecksOrError"]["checks"]
    seen = [check["executionForLatestMaterialization"] for check in checks]
    assert len(seen) > 50 and all(one and one["status"] == "SUCCEEDED" for one in seen)


def test_a_run_from_the_ui_publishes_the_next_session(ui: Callable[[str], dict[str, Any]], place: Place) -> None:
    before = (place.home / "current").readlink()
    params = "{ selector: " + SELECTOR % 'jobName: "refresh"' + ', runConfigData: "{}", mode: "default" }'
    launched = ui(
        f"mutation {{ launchRun(executionParams: {params}) {{ __typename ... on LaunchRunSuccess {{ run {{ runId }} }}"
        " ... on PythonError { message } ... on RunConfigValidationInvalid { errors { message } } } }"
    )["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]
    ended = wait_until(
        lambda: next(
            (
                s
                for ((s),) in place.rows(f"SELECT status FROM runs WHERE run_id = '{run_id}'")
                if s in ("SUCCESS", "FAILURE")
            ),
            None,
        ),
        "the run ends",
        600,
    )
    assert ended == "SUCCESS"
    assert (place.home / "current").readlink() != before


def test_daemon_and_schedule_work_from_the_database(ui: Callable[[str], dict[str, Any]], place: Place) -> None:
    healthy = "{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"

    def all_well() -> bool:
        told = ui(healthy)["instance"]["daemonHealth"]["allDaemonStatuses"]
        return all(one["healthy"] for one in told if one["required"])

    wait_until(all_well, "all daemons are healthy", 120)
    selector = SELECTOR % 'scheduleName: "after_snapshot"'
    started = ui(
        f"mutation {{ startSchedule(scheduleSelector: {selector}) {{ __typename"
        " ... on ScheduleStateResult { scheduleState { status } } } }"
    )["startSchedule"]
    assert started["scheduleState"]["status"] == "RUNNING", started
    assert place.rows("SELECT status FROM instigators") == [("RUNNING",)]


def test_an_address_that_does_not_answer_is_said_without_the_password(place: Place, postgres: Postgres) -> None:
    wrong = postgres.address("nowhere")
    done = place.updraft("run", UPDRAFT_DAGSTER_DB=wrong)
    assert done.returncode == 1 and "UPDRAFT_DAGSTER_DB" in done.stderr and '"nowhere" does not exist' in done.stderr
    assert postgres.password not in done.stderr + done.stdout
