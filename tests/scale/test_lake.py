"""The shared lake on a real PostgreSQL, its files on disk and in an S3 double: whole generations, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
from lake_reading import attached, seen
from loopback import free_port
from postgres import Postgres
from stage import Stage

from warehouse import content, generations, lake
from warehouse.crash_points import LAKE_STEPS
from warehouse.errors import LakeError
from warehouse.home import Home
from warehouse.lake_catalog import committing, enter, lake_at, reach, session, snapshots

BIN = Path(sys.executable).parent
FIRST, NEXT = "2026-01-15T01:00:00+00:00", "2026-01-16T01:00:00+00:00"
AWS = {"AWS_ACCESS_KEY_ID": "lake-key", "AWS_SECRET_ACCESS_KEY": "lake-secret-canary", "AWS_REGION": "us-east-1"}


@dataclass(frozen=True)
class Place:
    """A home, and the lake that it writes to."""

    home: Home
    env: Mapping[str, str]

    def start(self, *args: str, **env: str) -> subprocess.Popen[str]:
        """A command, as a person types it."""
        return subprocess.Popen(
            [BIN / "updraft", *args], env=os.environ | self.env | {"UPDRAFT_HOME": str(self.home.root)} | env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def updraft(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """The same, until it ended."""
        started = self.start(*args, **env)
        out, err = started.communicate()
        return subprocess.CompletedProcess(args, started.returncode, out, err)

    def commit(self, *args: str) -> str:
        """`updraft publish-lake`, which must succeed; what it said."""
        done = self.updraft("publish-lake", *args)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def beside(self, home: Path, pipeline: str) -> Place:
        """Another home that writes to the same lake."""
        return Place(Home(home), {**self.env, "UPDRAFT_LAKE_PIPELINE": pipeline})

    @property
    def pipeline(self) -> str:
        return self.env.get("UPDRAFT_LAKE_PIPELINE", "sample")

    def held(self) -> list[tuple[str, str]]:
        """(pipeline, generation) of every commit in the lake."""
        return [(one.pipeline, one.told["generation"]) for one in lake.listed(self.home, lake_at(self.env))]


def new_lake(postgres: Postgres, folder: Path, name: str) -> dict[str, str]:
    return {"UPDRAFT_LAKE": postgres.new_database(name), "UPDRAFT_LAKE_FILES": str(folder / f"files of {name}")}


# ---- a sample universe, two evenings: run, on disk and in S3


@dataclass(frozen=True)
class Evenings:
    """A home after two evenings; the second one's run could not write the lake."""

    place: Place
    first: Path
    second: Path
    refused: subprocess.CompletedProcess[str]
    status: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def evenings(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Evenings:
    folder = tmp_path_factory.mktemp("evenings")
    env = new_lake(postgres, folder, "evenings") | {
        "UPDRAFT_VENDORS": "sample",
        "UPDRAFT_TIER": "core",
        "UPDRAFT_CLOCK": FIRST,
    }
    place = Place(Home(folder / "home"), env)
    done = place.updraft("run")
    assert done.returncode == 0, done.stderr
    first = place.home.current.resolve()
    elsewhere = folder / "not a lake"
    elsewhere.mkdir()
    (elsewhere / "holiday.parquet").write_text("somebody else's")
    place = Place(place.home, {**env, "UPDRAFT_CLOCK": NEXT})
    other = postgres.new_database("elsewhere")
    refused = place.updraft("run", UPDRAFT_LAKE=other, UPDRAFT_LAKE_FILES=str(elsewhere))
    status = place.updraft("status")
    second = place.home.current.resolve()
    place.commit()
    return Evenings(place, first, second, refused, status)


def assert_equal(con: duckdb.DuckDBPyConnection, generation: Path, pipeline: str, version: int | None = None) -> None:
    """Every table of the lake is that of the generation: columns, rows, hashes; of the newest snapshot also the comments."""
    con.execute(f"ATTACH '{generation / 'updraft.duckdb'}' AS published (READ_ONLY)")
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, name, kind in con.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = 'published'"
        " ORDER BY schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault((schema, table), []).append((name, kind))
    assert len(columns) > 12
    said = dict(con.execute("SELECT mart, sha256 FROM published.meta.content").fetchall())
    at = f" AT (VERSION => {version})" if version else ""
    wrong = []
    for (schema, table), own in columns.items():
        there = f'lake.{pipeline if schema == "marts" else pipeline + "_meta"}."{table}"{at}'
        months = content.months_of(con, there, own)
        if months != content.months_of(con, f'published.{schema}."{table}"', own):
            wrong.append(f"{schema}.{table}: other rows")
        if schema == "marts" and content.hash_of(table, own, months) != said[table]:
            wrong.append(f"{table}: another content hash")
        kinds = [(c[0], c[1]) for c in con.execute(f"DESCRIBE FROM {there}").fetchall()]
        if kinds != own:
            wrong.append(f"{table}: other columns")
    assert wrong == []


def test_a_run_commits_what_it_publishes_cell_by_cell(evenings: Evenings) -> None:
    with attached(evenings.place.env) as con:
        assert_equal(con, evenings.second, "sample")
        comments = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? ORDER BY ALL"
        own = con.execute(comments, ["published", "marts"]).fetchall()
        assert len(own) > 1000 and con.execute(comments, ["lake", "sample"]).fetchall() == own


def test_a_former_evening_is_read_by_its_snapshot(evenings: Evenings) -> None:
    listed = lake.listed(evenings.place.home, lake_at(evenings.place.env))
    assert [one.told["generation"] for one in listed] == [evenings.first.name, evenings.second.name]
    receipts = [json.loads((path / "receipt.json").read_text()) for path in (evenings.first, evenings.second)]
    for one, receipt in zip(listed, receipts, strict=True):
        assert [one.told[k] for k in ("receipt_sha256", "as_of")] == [receipt[k] for k in ("receipt_sha256", "as_of")]
    with attached(evenings.place.env) as con:
        assert_equal(con, evenings.first, "sample", listed[0].number)


def test_a_second_evening_exchanges_only_what_differs(evenings: Evenings) -> None:
    told = lake.listed(evenings.place.home, lake_at(evenings.place.env))
    figures = told[1].told
    assert figures["marts_kept"] > 10 and figures["rows"] < told[0].told["rows"] / 5, figures
    with attached(evenings.place.env) as con:
        query = "SELECT data_file, delete_file FROM ducklake_list_files('lake', 'indicator_readings', schema => 'sample', snapshot_version => ?)"
        first, second = ({row for row in con.execute(query, [one.number]).fetchall()} for one in told)
    assert {row[1] for row in first | second} == {None}, "whole files are exchanged: none has deleted rows beside it"
    assert len(first - second) <= 2 and len(first & second) > 10, "years that did not change keep their file"


def test_what_an_evening_repeats_is_no_new_snapshot(evenings: Evenings) -> None:
    before = evenings.place.held()
    assert "nothing new" in evenings.place.commit() and evenings.place.held() == before


def test_where_the_lake_refuses_the_home_stays_published(evenings: Evenings) -> None:
    done = evenings.refused
    assert done.returncode == 1 and "published here, not in the lake" in done.stderr
    assert "holiday.parquet" in done.stderr and "updraft publish-lake" in done.stderr
    assert evenings.second != evenings.first
    assert evenings.status.returncode == 0 and "not in the lake" in evenings.status.stdout, evenings.status.stdout


def test_the_sql_that_is_told_reads_it(evenings: Evenings) -> None:
    told = evenings.place.updraft("lake")
    assert told.returncode == 0, told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 80
    sql = told.stdout.partition("INSTALL postgres;")[2]
    password = evenings.place.env["UPDRAFT_LAKE"].split(":")[2].split("@")[0]
    assert password not in told.stdout and "PASSWORD '…'" in sql
    statements = [one.strip() for one in sql.partition("-- several")[0].replace("'…'", f"'{password}'").split(";")]
    with attached(evenings.place.env) as con:
        con.execute("DETACH lake; DROP SECRET __default_postgres")
        answers = [con.execute(statement).fetchall() for statement in statements if statement]
    assert answers[2][0][0] == evenings.second.name
    assert len(answers[-1]) > 0 and answers[-1] != answers[-2], "the former evening and the newest one"


def test_no_file_holds_a_secret(evenings: Evenings, postgres: Postgres) -> None:
    secrets = (postgres.password.encode(), AWS["AWS_SECRET_ACCESS_KEY"].encode())
    folders = (evenings.place.home.root, Path(evenings.place.env["UPDRAFT_LAKE_FILES"]))
    files = [p for folder in folders for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    assert len(files) > 100
    assert [p for p in files if any(secret in p.read_bytes() for secret in secrets)] == []


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """An S3 double with an empty bucket; the variables that lead there."""
    import boto3
    from moto.server import ThreadedMotoServer

    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        at = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
        boto3.client(
            "s3", endpoint_url=at["AWS_ENDPOINT_URL"], region_name=AWS["AWS_REGION"],
            aws_access_key_id=AWS["AWS_ACCESS_KEY_ID"], aws_secret_access_key=AWS["AWS_SECRET_ACCESS_KEY"],
        ).create_bucket(Bucket="lake")  # fmt: skip
        yield AWS | at
    finally:
        server.stop()


def test_a_run_with_nothing_new_fills_a_lake_in_s3(evenings: Evenings, postgres: Postgres, s3: dict[str, str]) -> None:
    address = postgres.new_database("in_s3")
    place = Place(
        evenings.place.home,
        {**evenings.place.env, "UPDRAFT_LAKE": address, "UPDRAFT_LAKE_FILES": "s3://lake/some/prefix", **s3},
    )
    done = place.updraft("run")
    assert done.returncode == 0 and "nothing new" in done.stderr, done.stderr
    assert place.held() == [("sample", evenings.second.name)]
    with attached(place.env) as con:
        assert_equal(con, evenings.second, "sample")
    assert AWS["AWS_SECRET_ACCESS_KEY"] not in done.stdout + done.stderr


def test_a_wrong_address_is_said_before_any_vendor_is_asked(tmp_path: Path, postgres: Postgres) -> None:
    env = {
        "UPDRAFT_LAKE": postgres.address("nowhere"),
        "UPDRAFT_LAKE_FILES": str(tmp_path / "files"),
        "UPDRAFT_TIER": "core",
    }
    place = Place(Home(tmp_path / "home"), env)
    done = place.updraft("run")
    assert done.returncode == 1 and "UPDRAFT_LAKE" in done.stderr and '"nowhere" does not exist' in done.stderr, (
        done.stderr
    )
    assert postgres.password not in done.stderr + done.stdout
    assert list(place.home.landing.rglob("*.parquet")) == [], "nobody was asked"


# ---- tiny homes: kills, pipelines side by side, refusals


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture
def tiny(stage: Stage, postgres: Postgres, tmp_path: Path) -> Place:
    """A tiny home with edition 1 published, and a new lake."""
    place = Place(Home(tmp_path / "home"), new_lake(postgres, tmp_path, "tiny") | {"UPDRAFT_LAKE_PIPELINE": "tiny"})
    publish(stage, place.home, 1)
    return place


def publish(stage: Stage, home: Home, edition: int) -> None:
    """The first edition by the whole path, later ones past the gate, which is not what is tested here."""
    ended = (
        stage.act("refresh", home.root, 1) if edition == 1 else stage.act("publish_many", home.root, edition, edition)
    )
    assert (ended.code, ended.error) == (0, ""), ended


def read(place: Place) -> tuple[str, int]:
    with attached(place.env) as con:
        return seen(con, place.pipeline)


@contextmanager
def reading(place: Place, folder: Path) -> Iterator[dict[str, Any]]:
    """A reader in a process of its own, attached all along; afterwards what it saw."""
    stop, saw = folder / "stop", dict[str, Any]()
    reader = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("lake_reading.py"), place.pipeline, stop],
        env=os.environ | place.env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield saw
    finally:
        stop.touch()
        told, _ = reader.communicate(timeout=60)
        saw.update(json.loads(told))
        stop.unlink()


def test_killed_at_any_step_readers_see_one_generation_whole(tiny: Place, stage: Stage, tmp_path: Path) -> None:
    for step in LAKE_STEPS[:-2]:  # the first commit of all, killed
        assert tiny.updraft("publish-lake", UPDRAFT_DIE_AT=step).returncode == -signal.SIGKILL, step
        assert tiny.held() == []
    tiny.commit()
    edition = 1
    with reading(tiny, tmp_path) as saw:
        for step in LAKE_STEPS:
            publish(stage, tiny.home, edition + 1)
            assert tiny.updraft("publish-lake", UPDRAFT_DIE_AT=step).returncode == -signal.SIGKILL, step
            is_there = step in ("lake.committed", "lake.pruned")
            assert read(tiny)[1] == edition + is_there, step
            assert ("nothing new" in tiny.commit()) == is_there
            edition += 1
            assert read(tiny)[1] == edition
        assert "ok" in tiny.commit("--verify")
    assert saw["bad"] == [] and [one[1] for one in saw["saw"]] == list(range(1, edition + 1)), saw
    assert len({one[0] for one in saw["saw"]}) == edition, "a generation is always seen with its own rows"


def test_killed_in_the_middle_of_commit(tiny: Place, stage: Stage, tmp_path: Path) -> None:
    tiny.commit()
    publish(stage, tiny.home, 2)
    with in_postgres(tiny) as ask:
        ask(
            "CREATE FUNCTION slowly() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END' LANGUAGE plpgsql"
        )
        ask("CREATE TRIGGER slowly BEFORE INSERT ON ducklake_snapshot_changes FOR EACH ROW EXECUTE FUNCTION slowly()")
        with reading(tiny, tmp_path) as saw:
            writer = tiny.start("publish-lake")
            asleep = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
            )
            while ask(asleep) == [(0,)]:
                assert writer.poll() is None, writer.communicate()
            writer.kill()
            writer.communicate()
            assert read(tiny)[1] == 1
            ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            )  # the server notices late
            ask("DROP TRIGGER slowly ON ducklake_snapshot_changes")
            tiny.commit()
            assert read(tiny)[1] == 2
    assert saw["bad"] == [] and [one[1] for one in saw["saw"]] == [1, 2], saw


@contextmanager
def in_postgres(place: Place) -> Iterator[Any]:
    """Asks the catalog's database itself."""
    connection = psycopg2.connect(place.env["UPDRAFT_LAKE"])
    connection.autocommit = True

    def ask(query: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall()) if cursor.description else []

    try:
        yield ask
    finally:
        connection.close()


def test_two_pipelines_write_at_once_and_nothing_is_lost(tiny: Place, stage: Stage, tmp_path: Path) -> None:
    other = tiny.beside(tmp_path / "other", "other")
    publish(stage, other.home, 1)
    for edition in (1, 2, 3):  # the first time there is neither catalog nor schema
        if edition > 1:
            publish(stage, tiny.home, edition)
            publish(stage, other.home, edition)
        started = [place.start("publish-lake") for place in (tiny, other)]
        told = [one.communicate() for one in started]
        assert [one.returncode for one in started] == [0, 0], told
        assert (read(tiny)[1], read(other)[1]) == (edition, edition)
    held = tiny.held()
    assert sorted(pipeline for pipeline, _ in held) == ["other"] * 3 + ["tiny"] * 3
    for place in (tiny, other):
        assert "ok" in place.commit("--verify")


def test_a_commit_waits_for_the_one_under_way(tiny: Place) -> None:
    tiny.commit()
    where = lake_at(tiny.env)
    with session(tiny.home, where) as con, session(tiny.home, where) as second:
        reach(con, where)
        reach(second, where)
        with committing(con, where) as lock:
            assert lock.is_held()
            with pytest.raises(LakeError, match="another pipeline has been committing"), committing(second, where, 0.5):
                pytest.fail("two hold the lock")
        with committing(second, where, 0.5) as lock:
            assert lock.is_held()


def test_a_lost_lock_commits_nothing(tiny: Place, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.commit()
    publish(stage, tiny.home, 2)
    prove = lake._Writer.prove

    def cut_off(writer: Any) -> None:
        prove(writer)
        with in_postgres(tiny) as ask:
            assert ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'") == [(True,)]

    monkeypatch.setattr(lake._Writer, "prove", cut_off)
    with pytest.raises(LakeError):
        lake.commit(tiny.home, lake_at(tiny.env), "tiny")
    assert read(tiny)[1] == 1


def test_a_stranger_who_writes_to_the_lake_meanwhile_loses_nothing(
    tiny: Place, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckLake's own retry: who is not ours does not hold our lock."""
    tiny.commit()
    publish(stage, tiny.home, 2)
    prove, where = lake._Writer.prove, lake_at(tiny.env)

    def meanwhile(writer: Any) -> None:
        prove(writer)
        with session(tiny.home, where) as con:
            reach(con, where)
            enter(con, where)
            con.execute("CREATE TABLE lake.main.notes AS SELECT 42 AS n")

    monkeypatch.setattr(lake._Writer, "prove", meanwhile)
    assert lake.commit(tiny.home, where, "tiny").is_new
    assert read(tiny)[1] == 2 and "ok" in tiny.commit("--verify")
    with attached(tiny.env) as con:
        assert con.execute("FROM lake.main.notes").fetchall() == [(42,)]


def test_as_many_generations_are_kept_as_in_the_home(tiny: Place, stage: Stage, tmp_path: Path) -> None:
    other = tiny.beside(tmp_path / "other", "other")
    publish(stage, other.home, 1)
    other.commit()
    where = lake_at(tiny.env)
    for edition in range(2, generations.KEEP + 3):
        publish(stage, tiny.home, edition)
        lake.commit(tiny.home, where, "tiny")
    kept = [path.name for path in generations.all_generations(tiny.home)]
    assert len(kept) == generations.KEEP
    assert tiny.held() == [("other", other.home.current.resolve().name), *(("tiny", name) for name in kept)]
    files = Path(tiny.env["UPDRAFT_LAKE_FILES"])
    before = {path for path in files.rglob("*.parquet")}
    stray = files / "tiny" / "lines" / "all-left-by-a-kill.parquet"
    shutil.copyfile(next(files.rglob("lines/*.parquet")), stray)
    with session(tiny.home, where) as con:
        reach(con, where)
        enter(con, where)
        lake.prune(con, snapshots(con, "tiny"))
        assert stray.exists() and before <= set(files.rglob("*.parquet")), "readers have a day, commits under way too"
        lake.prune(con, snapshots(con, "tiny"), keep=1, hours=0)
    assert not stray.exists() and len(before) > len(set(files.rglob("*.parquet")))
    assert [pipeline for pipeline, _ in tiny.held()] == ["other", "tiny"]
    for place in (tiny, other):
        assert "ok" in place.commit("--verify")


def test_rows_that_arrive_otherwise_are_refused(tiny: Place, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.commit()
    publish(stage, tiny.home, 2)
    put = lake._Writer._put

    def bent(writer: Any, table: Any, piece: Any) -> None:
        put(writer, table, piece)
        if table == ("marts", "sessions"):
            writer._con.execute(
                "UPDATE lake.tiny.sessions SET edition = edition + 1 WHERE session_date = DATE '2025-03-10'"
            )

    monkeypatch.setattr(lake._Writer, "_put", bent)
    with pytest.raises(LakeError, match=r"sessions, 2025-03: not the rows that were published"):
        lake.commit(tiny.home, lake_at(tiny.env), "tiny")
    assert read(tiny)[1] == 1 and len(tiny.held()) == 1


def test_a_damaged_generation_does_not_go_to_the_lake(tiny: Place) -> None:
    file = tiny.home.current.resolve() / "updraft.duckdb"
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(changed)
    done = tiny.updraft("publish-lake")
    assert done.returncode == 1 and "not what was published" in done.stderr and "updraft verify" in done.stderr
    assert tiny.held() == []


def test_verify_sees_a_changed_row_and_rewrite_mends_it(tiny: Place) -> None:
    tiny.commit()
    where = lake_at(tiny.env)
    with session(tiny.home, where) as con:
        reach(con, where)
        enter(con, where)
        con.execute("UPDATE lake.tiny.sessions SET edition = 7 WHERE session_date = DATE '2025-03-10'")
    done = tiny.updraft("publish-lake", "--verify")
    assert done.returncode == 1 and "sessions, 2025-03" in done.stdout, done
    tiny.commit("--rewrite")
    assert "ok" in tiny.commit("--verify")
    assert read(tiny)[1] == 1


def test_another_home_does_not_replace_a_pipeline_unasked(tiny: Place, stage: Stage, tmp_path: Path) -> None:
    tiny.commit()
    other = tiny.beside(tmp_path / "other", "tiny")
    publish(stage, other.home, 1)
    publish(stage, other.home, 2)
    done = other.updraft("publish-lake")
    assert done.returncode == 1 and "written by another home" in done.stderr and "--take-over" in done.stderr
    assert read(tiny)[1] == 1
    other.commit("--take-over")
    assert read(tiny)[1] == 2


def test_the_lake_is_not_turned_back(tiny: Place, stage: Stage) -> None:
    first = tiny.home.current.resolve()
    publish(stage, tiny.home, 2)
    tiny.commit()
    where = lake_at(tiny.env)
    newest = lake.listed(tiny.home, where)[-1]
    receipt = json.loads((first / "receipt.json").read_text())
    told = lake._told(tiny.home, generations.Generation(first, receipt))
    earlier = told | {"as_of": "2026-01-01T01:00:00+00:00"}
    with pytest.raises(LakeError, match="not turned back"):
        lake._may_follow(newest, earlier, False)
    lake._may_follow(newest, told, False)  # of the same evening: a rebuild may follow


def test_files_that_lie_elsewhere_are_said(tiny: Place, tmp_path: Path) -> None:
    tiny.commit()
    done = tiny.updraft("publish-lake", UPDRAFT_LAKE_FILES=str(tmp_path / "another"))
    assert done.returncode == 1 and "UPDRAFT_LAKE_FILES is" in done.stderr and "files of tiny" in done.stderr
