"""The per-security layer on a real Spark cluster: the same rows, cell by cell, whoever dies and however uneven they are."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cluster_work
import duckdb
import engines
import heart
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from loopback import wait_until
from pyspark.cloudpickle import register_pickle_by_value
from spark_cluster import Cluster

import updraft_engine
from updraft_engine import EngineError, spark
from updraft_kernels import securities

CLOCK = "2026-01-15T01:00:00+00:00"
ROWS = 4_600_000
SMALL = 1 << 13  # rows of a piece where there must be many
register_pickle_by_value(cluster_work)  # workers do not have it


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster.started() as running:
        yield running


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where pieces lie; nothing may be left there."""
    monkeypatch.setenv("UPDRAFT_ENGINE_FILES", str(tmp_path / "files"))
    (tmp_path / "files").mkdir()
    yield tmp_path / "files"
    assert list((tmp_path / "files").iterdir()) == []


def home(root: Path, **env: str) -> Path:
    """A home after a whole run on the sample vendors, tier full: members are counted there only."""
    told = {"UPDRAFT_HOME": str(root), "UPDRAFT_CLOCK": CLOCK} | env
    done = subprocess.run(
        [Path(sys.executable).parent / "updraft", "run"],
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return root


def test_a_whole_run_of_the_sample_is_equal(cluster: Cluster, tmp_path: Path) -> None:
    """Content hashes of all marts, and every row of every table in between that went over the cluster."""
    told = {"UPDRAFT_ENGINE": cluster.address, "UPDRAFT_ENGINE_LEAST_ROWS": "0", "SPARK_LOCAL_IP": "127.0.0.1"}
    one, two = home(tmp_path / "one"), home(tmp_path / "two", **told)
    assert (one / "current").resolve().name == (two / "current").resolve().name, "names hold the hash of all content"
    with duckdb.connect() as con:
        for name, root in (("one", one), ("two", two)):
            con.execute(f"ATTACH '{root / 'build.duckdb'}' AS {name} (READ_ONLY)")
        for model in (*engines.SECURITIES, engines.PAIRS):
            ((rows,),) = con.execute(f"SELECT count(*) FROM two.intermediate.{model}").fetchall()
            assert rows > 1000
            assert engines.differing(con, f"one.intermediate.{model}", f"two.intermediate.{model}") == 0
    assert not list(two.glob("**/engine-*")), "nothing of the work is left"


def computed(base: heart.OnFile, address: str = "") -> dict[str, int]:
    """Compute in one process, then again elsewhere; rows that differ by table."""
    for name in engines.SECURITIES:
        base.run(name)
        base.con.execute(f"CREATE OR REPLACE TABLE here_{name} AS FROM {name}")
    if not address:
        return {}
    with engines.engine(address):
        for name in engines.SECURITIES:
            base.run(name)
    return compared(base)


def compared(base: heart.OnFile) -> dict[str, int]:
    return {name: engines.differing(base.con, name, f"here_{name}") for name in engines.SECURITIES}


@pytest.mark.usefixtures("files")
def test_millions_of_bars_are_equal(cluster: Cluster, tmp_path: Path) -> None:
    heart.invent(tmp_path / "bars.duckdb", ROWS)
    base = heart.OnFile(tmp_path / "bars.duckdb")
    assert set(computed(base, cluster.address).values()) == {0}
    ((rows, turns),) = base.con.execute(
        "SELECT count(*), count(*) FILTER (instrument_id < before) FROM"
        " (SELECT instrument_id, lag(instrument_id) OVER (ORDER BY rowid) AS before FROM int_security_daily)"
    ).fetchall()
    assert rows > 0.99 * ROWS and turns == 0, "all rows, in the order of the instruments"
    base.con.execute("UPDATE int_security_daily SET drawdown = nextafter(drawdown, 1) WHERE session_no = 4000 AND"
                     " instrument_id = (SELECT max(instrument_id) FROM int_security_daily)")  # fmt: skip
    assert compared(base)["int_security_daily"] == 2, "the comparison sees the last bit of one cell"


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(securities, "CHUNK", SMALL)
    monkeypatch.setattr(securities.chunks, "__defaults__", (SMALL, "instrument_id"))


@pytest.mark.usefixtures("files", "small_pieces")
def test_a_worker_that_dies_in_the_middle_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    heart.invent(tmp_path / "bars.duckdb", 600_000)
    base = heart.OnFile(tmp_path / "bars.duckdb")
    computed(base)
    seen: list[tuple[int, int]] = []

    def kill() -> None:
        def under_way() -> bool:
            for session in spark._sessions:
                tracker = session.sparkContext.statusTracker()
                for stage in filter(None, map(tracker.getStageInfo, tracker.getActiveStageIds())):
                    if stage.numCompletedTasks >= 3 and stage.numActiveTasks:
                        seen.append((stage.numCompletedTasks, stage.numTasks))
                        return True
            return False

        wait_until(under_way, "some tasks are done", 120)
        cluster.kill_worker()

    killer = threading.Thread(target=kill)
    with engines.engine(cluster.address):
        killer.start()
        base.run("int_prices")
        killer.join()
        base.run("int_security_daily")
        base.run("int_breadth_counts")
    cluster.add_worker()
    ((done, all_tasks),) = seen
    assert done < all_tasks - 20, "it died in the middle"
    assert set(compared(base).values()) == {0}


@pytest.mark.usefixtures("small_pieces")
def test_one_long_instrument_and_many_short_ones(
    cluster: Cluster, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10,000 sessions of one instrument are one piece, larger than a piece should be; others have one bar, or a handful."""
    monkeypatch.setattr(heart, "SESSIONS", 10_000)
    heart.invent(tmp_path / "bars.duckdb", 60 * 10_000)
    base = heart.OnFile(tmp_path / "bars.duckdb")
    base.con.execute("DELETE FROM int_bars USING names AS n WHERE n.instrument_id = int_bars.instrument_id AND n.n > 0"
                     " AND session_no % 10000 >= (n.n * n.n * 7) % 2000")  # fmt: skip
    held = base.con.execute("SELECT count(*) AS n FROM int_bars GROUP BY instrument_id ORDER BY n").fetchall()
    assert held[0][0] < 30 and held[-1][0] > 9_900, "uneven"
    pieces: list[int] = []
    written = spark._written

    def noted(given: Iterator[pa.RecordBatch], rows: int, folder: Path) -> int:
        count = written(given, rows, folder)
        pieces.extend(pq.read_metadata(file).num_rows for file in sorted(folder.rglob("*.parquet")))
        return count

    monkeypatch.setattr(spark, "_written", noted)
    assert set(computed(base, cluster.address).values()) == {0}
    assert max(pieces) > 9_900 > SMALL and len(pieces) > 6


@pytest.mark.usefixtures("files", "small_pieces")
def test_an_evening_runs_on_from_where_it_stood(cluster: Cluster, tmp_path: Path) -> None:
    """Factors, eras, highest closes: what earlier sessions leave goes along with the work."""
    heart.invent(tmp_path / "bars.duckdb", 200_000)
    base = heart.OnFile(tmp_path / "bars.duckdb")
    computed(base)
    ((first,),) = base.con.execute("SELECT max(session_date) - 20 FROM int_bars").fetchall()
    with engines.engine(cluster.address):
        base.run_since("int_prices", first)
        base.con.execute("CREATE TABLE late AS FROM here_int_prices WHERE session_date >= ?", [first])
        assert engines.differing(base.con, "int_prices", "late") == 0
        base.con.execute("CREATE OR REPLACE TABLE int_prices AS FROM here_int_prices")
        for name in ("int_security_daily", "int_breadth_counts"):
            base.run_since(name, first)
            base.con.execute(f"CREATE OR REPLACE TABLE late AS FROM here_{name} WHERE session_date >= ?", [first])
            base.con.execute(f"DELETE FROM {name} WHERE session_date < ?", [first])
            assert base.con.execute("SELECT count(*) > 100 FROM late").fetchall() == [(True,)]
            assert engines.differing(base.con, name, "late") == 0


def bars(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """Seven instruments with 100 sessions each."""
    return con.cursor().query(
        "SELECT 'EQ:' || (i % 7) AS instrument_id, CAST(i // 7 AS INTEGER) AS session_no FROM range(700) AS r(i)"
    )


@pytest.mark.usefixtures("files")
def test_what_work_says_when_it_fails_is_told(cluster: Cluster) -> None:
    with duckdb.connect() as con, engines.engine(cluster.address):
        work = partial(cluster_work.failing, message="bars: row 7 comes after row 8")
        made = pa.schema([("instrument_id", pa.string())])
        with pytest.raises(EngineError, match="ValueError: bars: row 7 comes after row 8"):
            updraft_engine.over(con, bars(con), work, made)


@pytest.mark.usefixtures("files")
def test_every_kind_of_value_comes_back_as_it_went(cluster: Cluster) -> None:
    """Signs of zero, the last bit, NULL beside NaN, moments, days, text that is empty or not ASCII."""
    with duckdb.connect() as con, engines.engine(cluster.address):
        con.execute("SET TimeZone = 'UTC'")
        con.execute(
            """CREATE TABLE given AS SELECT printf('EQ:%03d', i // 100) AS instrument_id, CAST(i AS INTEGER) AS session_no,
            CASE i % 5 WHEN 0 THEN 0e0 WHEN 1 THEN -0e0 WHEN 2 THEN NULL WHEN 3 THEN 'nan'::DOUBLE ELSE nextafter(i, 1e9) END AS x,
            CASE WHEN i % 3 > 0 THEN i % 3 = 1 END AS b, 9007199254740993 + i AS n, DATE '1885-02-16' + CAST(i AS INTEGER) AS d,
            TIMESTAMPTZ '1969-12-31 23:59:59.999999+00' + INTERVAL (i) HOUR AS t, ['', 'é', 'a,b', NULL][i % 4 + 1] AS s
            FROM range(1000) AS r(i)"""
        )
        rows = con.cursor().query("FROM given")
        schema = rows.limit(0).to_arrow_table().schema
        con.register("made", updraft_engine.over(con, rows, cluster_work.as_it_comes, schema).read_all())
        con.execute("CREATE TABLE back AS FROM made")
        assert con.execute("SELECT count(*) FILTER (signbit(x) AND x = 0) FROM back").fetchall() == [(200,)]
        assert engines.differing(con, "given", "back") == 0


@pytest.mark.usefixtures("files")
def test_a_cluster_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "WORKERS_WITHIN", 5)
    with (
        Cluster.started(workers=0) as empty,
        engines.engine(empty.address),
        pytest.raises(EngineError, match="gave no worker within 5 seconds"),
    ):
        spark.started(empty.address)


def test_interrupted_work_ends_and_leaves_nothing(cluster: Cluster, files: Path) -> None:
    failures: list[BaseException] = []
    with duckdb.connect() as con, engines.engine(cluster.address):
        session = spark.started(cluster.address)

        def work() -> None:
            try:
                updraft_engine.over(con, bars(con), cluster_work.sleeping, pa.schema([("instrument_id", pa.string())]))
            except EngineError as error:
                failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        tracker = session.sparkContext.statusTracker()
        wait_until(tracker.getActiveStageIds, "the work is under way")
        updraft_engine.interrupt()
        thread.join(30)
        assert not thread.is_alive() and len(failures) == 1 and "cancelled" in str(failures[0])
