"""Work on whole instruments on a Spark cluster: rows go out and come back as Parquet in a folder that all workers see.

Belongs here: the session, the files, one task for each piece. Does not: when a cluster is worth it (``updraft_engine``).

A piece is what one chunk is in one process (``securities.chunks``): some whole instruments, about 260,000 rows, or one
instrument that has more. So a task needs the memory of one chunk, however uneven instruments are, and it makes the same
rows. Workers get ``updraft_kernels`` from the driver; numpy, pyarrow and polars they have. Spark repeats the tasks of a
worker that dies and counts the rows of each task once: what it writes is committed when all are done.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import sys
import threading
import time
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from updraft_engine import EngineError
from updraft_engine.worker import piece_path, worked

if TYPE_CHECKING:
    from updraft_engine import Work

WORKERS_WITHIN = 60  # seconds in which a worker must have come
PACKAGES = Path(__file__).resolve().parents[1]
SETTINGS = {
    "spark.app.name": "updraft",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}",
}
_sessions: list[Any] = []  # of this process: none or one
_starting = threading.Lock()


def check(address: str) -> None:
    """Raises EngineError for an address of no form known here, without pyspark, without Java, or where no master listens."""
    masters = re.fullmatch(r"spark://([\w.,:-]+)", address)
    if not masters and not re.fullmatch(r"local-cluster\[\d+,\d+,\d+\]", address):
        raise EngineError(
            f"UPDRAFT_ENGINE is {address!r}; it must be spark://HOST:7077, or local-cluster[2,1,1024] for two workers of one"
            " core and 1024 MB on this machine. Unset it to compute in one process"
        )
    if importlib.util.find_spec("pyspark") is None:
        raise EngineError(
            "UPDRAFT_ENGINE needs pyspark, which is not installed. Run: make extras, or unset the variable"
        )
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else shutil.which("java")
    if java is None or not Path(java).exists():
        raise EngineError(
            "UPDRAFT_ENGINE needs Java 17, and there is no `java`. On Debian and Ubuntu: apt-get install openjdk-17-jre-headless"
        )
    refused = [problem for one in masters[1].split(",") if (problem := _refuses(one))] if masters else []
    if masters and len(refused) == len(masters[1].split(",")):
        raise EngineError(f"UPDRAFT_ENGINE: no Spark master answers: {'; '.join(refused)}")


def _refuses(master: str) -> str:
    host, _, port = master.partition(":")
    try:
        socket.create_connection((host, int(port or 7077)), timeout=10).close()
    except (OSError, ValueError) as error:
        return f"{master}: {error}"
    return ""


def over(
    address: str, within: str, pieces: Iterable[pa.RecordBatch], rows: int, work: Work, schema: pa.Schema
) -> pa.RecordBatchReader:
    """What ``work`` makes of each piece, in the order of the pieces, which have so many rows together.

    ``within``: the folder for files in between. The reader brings the rows piece by piece and removes the files at its end. Raises EngineError.
    """
    _sweep(Path(within))
    folder = Path(within) / f"engine-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        count = _written(pieces, rows, folder / "given")
        _run(address, folder, count, work, schema)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return pa.RecordBatchReader.from_batches(schema, _brought(folder, schema))


def _written(pieces: Iterable[pa.RecordBatch], rows: int, folder: Path) -> int:
    """Write each piece as a file named by its number; how many there are. Raises EngineError where rows are missing."""
    written = number = 0
    for number, piece in enumerate(pieces, 1):
        path = piece_path(folder, number - 1)
        path.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_batches([piece]), path, compression="zstd")
        written += piece.num_rows
    if written != rows:
        raise EngineError(
            f"{written} of {rows} rows were written for the workers: the database stopped early. Run again"
        )
    return number


def _run(address: str, folder: Path, count: int, work: Work, schema: pa.Schema) -> None:
    session = started(address)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql.pandas.types import from_arrow_schema

    made = session.range(0, count, 1, count).mapInArrow(
        partial(worked, str(folder / "given"), work), from_arrow_schema(schema)
    )
    try:
        made.write.parquet((folder / "made").as_uri())
    except (PySparkException, Py4JError) as error:
        raise EngineError(f"Spark gave up: {_reason(str(error))}") from error


def _brought(folder: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    try:
        for file in sorted((folder / "made").glob("part-*.parquet")):
            yield from pq.read_table(file).cast(schema).to_batches()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reason(text: str) -> str:
    """The last line of a worker's traceback, else the first line of what Spark says."""
    said = [line.strip(" :") for line in text.splitlines() if re.match(r"[\s:]*[\w.]+(Error|Exception): ", line)]
    return said[-1] if said else text.strip().splitlines()[0]


def started(address: str) -> Any:
    """The session of this process, once a worker has come."""
    with _starting:
        if not _sessions:
            check(address)
            from pyspark.sql import SparkSession

            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            builder = SparkSession.builder.master(address)
            for name, value in SETTINGS.items():
                builder = builder.config(name, value)
            session = builder.getOrCreate()
            try:
                _wait_for_a_worker(session, address)
                # the driver serves the file for as long as workers may come
                session.sparkContext.addPyFile(str(_kernels(Path(session.sparkContext._temp_dir))))
            except BaseException:
                session.stop()
                raise
            _sessions.append(session)
        return _sessions[0]


def _wait_for_a_worker(session: Any, address: str) -> None:
    executors = session.sparkContext._jsc.sc().getExecutorMemoryStatus  # the driver is one of them
    end = time.monotonic() + WORKERS_WITHIN
    while executors().size() < 2:
        if time.monotonic() > end:
            raise EngineError(
                f"UPDRAFT_ENGINE: {address} gave no worker within {WORKERS_WITHIN} seconds. Start one, or one with more memory"
                " (spark.executor.memory in conf/spark-defaults.conf of SPARK_CONF_DIR says how much is asked for)"
            )
        time.sleep(0.1)


def _kernels(folder: Path) -> Path:
    """What workers must know, as one archive in the folder."""
    archive = folder / "updraft_kernels.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for package in ("updraft_kernels", "updraft_engine"):
            for module in sorted((PACKAGES / package).glob("*.py")):
                file.write(module, f"{package}/{module.name}")
    return archive


def interrupt() -> None:
    """Stop the jobs that are under way."""
    for session in _sessions:
        session.sparkContext.cancelAllJobs()


def stop() -> None:
    """End the session, if there is one."""
    with _starting:
        while _sessions:
            _sessions.pop().stop()


def _sweep(within: Path) -> None:
    """Remove what processes of this machine left there that were killed."""
    for folder in within.glob(f"engine-{socket.gethostname()}-*-*"):
        pid = int(folder.name.rsplit("-", 2)[1])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            continue  # it lives, and is another user's
