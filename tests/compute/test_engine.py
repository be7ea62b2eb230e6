"""Work on whole instruments without a cluster, and what is said before one is used. On a real one: tests/scale."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import updraft_engine
from updraft_engine import EngineError, spark, worker
from updraft_kernels import securities

SCHEMA = pa.schema([("instrument_id", pa.string()), ("session_no", pa.int64())])


def same(chunks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What comes, and that no instrument is parted from its rows."""
    seen: set[str] = set()
    for chunk in chunks:
        names = set(chunk["instrument_id"].to_pylist())
        assert not names & seen
        seen |= names
        yield chunk.select(SCHEMA.names)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(
            "CREATE TABLE bars AS SELECT printf('EQ:%03d', 99 - i % 100) AS instrument_id, 500 - i // 100 AS session_no"
            " FROM range(50000) AS r(i)"
        )
        yield con


def test_rows_come_by_instrument_and_session(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(securities.chunks, "__defaults__", (2_000, "instrument_id"))
    made = updraft_engine.over(con, con.table("bars"), same, SCHEMA).read_all()
    assert made.num_rows == 50_000
    rows = list(zip(*made.to_pydict().values(), strict=True))
    assert rows == sorted(rows)


def test_few_rows_stay_in_this_process(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing of a cluster is even looked at: no master listens at this address."""
    monkeypatch.setenv("UPDRAFT_ENGINE_FILES", str(tmp_path / "files"))
    monkeypatch.setenv("UPDRAFT_ENGINE", "spark://127.0.0.1:1")
    assert updraft_engine.over(con, con.table("bars"), same, SCHEMA).read_all().num_rows == 50_000
    monkeypatch.setenv("UPDRAFT_ENGINE_LEAST_ROWS", "50000")
    with pytest.raises(EngineError):
        updraft_engine.over(con, con.table("bars"), same, SCHEMA)
    assert list((tmp_path / "files").iterdir()) == []


def test_pieces_are_what_one_process_works_on(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = con.table("bars").order("instrument_id, session_no")
    pieces = list(securities.chunks(rows.to_arrow_reader(1_000), rows=2_000))
    assert spark._written(iter(pieces), 50_000, tmp_path / "given") == len(pieces) > 10
    numbers = pa.RecordBatch.from_pydict({"id": list(range(len(pieces)))})
    made = pa.Table.from_batches(worker.worked(str(tmp_path / "given"), same, iter([numbers])))
    assert made.equals(pa.Table.from_batches(same(iter(pieces))))


def test_rows_that_are_missing_are_no_success(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    reader = con.table("bars").order("instrument_id, session_no").to_arrow_reader(1_000)
    con.execute("SELECT 1")  # ends what the connection was reading, without an error
    with pytest.raises(EngineError, match="of 50000 rows"):
        spark._written(securities.chunks(reader), 50_000, tmp_path / "given")


def test_a_worker_that_does_not_see_the_folder_says_so(tmp_path: Path) -> None:
    numbers = pa.RecordBatch.from_pydict({"id": [3]})
    with pytest.raises(EngineError, match="set UPDRAFT_ENGINE_FILES to a folder that all workers see"):
        list(worker.worked(str(tmp_path), same, iter([numbers])))


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lives, dead = (tmp_path / f"engine-{socket.gethostname()}-{pid}-0f" for pid in (os.getpid(), ended.pid))
    other = tmp_path / f"engine-elsewhere-{ended.pid}-0f"
    for folder in (lives, dead, other):
        folder.mkdir()
    spark._sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([lives, other])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("An error occurred\n  File x\nValueError: bars: row 7\n\nDriver stacktrace:", "ValueError: bars: row 7"),
        (
            "An error\n: org.apache.spark.SparkException: Job 0 cancelled",
            "org.apache.spark.SparkException: Job 0 cancelled",
        ),
        ("nothing known\nmore", "nothing known"),
    ],
)
def test_of_a_long_trace_the_reason_is_told(text: str, reason: str) -> None:
    assert spark._reason(text) == reason


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"UPDRAFT_ENGINE": "yarn"}, "it must be spark://HOST:7077, or local-cluster"),
        ({"UPDRAFT_ENGINE": "local-cluster[2,1]"}, "it must be spark://HOST:7077, or local-cluster"),
        ({"UPDRAFT_ENGINE": "spark://127.0.0.1:1"}, "no Spark master answers: 127.0.0.1:1: "),
        ({"UPDRAFT_ENGINE": "local-cluster[2,1,1024]", "JAVA_HOME": "/nowhere"}, "apt-get install openjdk-17"),
        ({"UPDRAFT_ENGINE_LEAST_ROWS": "many"}, "must be a number of rows, not 'many'"),
    ],
)
def test_what_cannot_work_is_said_before_it_is_tried(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "java").touch()
    (tmp_path / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(EngineError) as failure:
        updraft_engine.check()
    assert said in str(failure.value)


def test_what_is_not_installed_is_said_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_ENGINE", "local-cluster[2,1,1024]")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match="Run: make extras"):
        updraft_engine.check()


def test_without_the_variable_nothing_of_it_is_loaded() -> None:
    code = "import sys, orchestration.job, updraft_engine; updraft_engine.check(); updraft_engine.interrupt(); print(*sys.modules)"
    env = {name: value for name, value in os.environ.items() if not name.startswith("UPDRAFT_")}
    loaded = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert not {"pyspark", "py4j", "updraft_engine.spark", "pyarrow", "numpy"} & set(loaded.split())
