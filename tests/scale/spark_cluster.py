"""A Spark standalone cluster on loopback: one master, workers of one core each. Belongs here: start, kill, stop. Does not: Updraft."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyspark
from loopback import free_port, wait_until

SPARK = Path(pyspark.__file__).parent
MEMORY = "1g"  # of a worker, and so of its executor
LOOPBACK = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}


@dataclass
class Cluster:
    """A cluster that runs: its address, and its workers' processes."""

    port: int
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """What ``UPDRAFT_ENGINE`` takes."""
        return f"spark://127.0.0.1:{self.port}"

    @classmethod
    @contextlib.contextmanager
    def started(cls, workers: int = 2) -> Iterator[Cluster]:
        """A master and workers for the time of the block."""
        folder = Path(tempfile.mkdtemp(prefix="updraft-spark-"))
        cluster = cls(free_port(), folder)
        master = cluster._process(
            "master.Master", "--host", "127.0.0.1", "--port", str(cluster.port), "--webui-port", "0"
        )
        try:
            wait_until(cluster._listens, "the master listens", expected=(OSError,))
            for _ in range(workers):
                cluster.add_worker()
            yield cluster
        finally:
            for process in (*cluster.workers, master):
                end(process)
            shutil.rmtree(folder, ignore_errors=True)

    def add_worker(self) -> None:
        """One more worker of one core."""
        number = len(self.workers)
        self.workers.append(
            self._process(
                "worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", MEMORY, "--webui-port", "0",
                "--work-dir", str(self.folder / f"work{number}"), self.address,
            )
        )  # fmt: skip

    def kill_worker(self) -> None:
        """Kill a worker and what it started, as a machine that loses its power."""
        worker = self.workers.pop(0)
        end(worker, signal.SIGKILL)

    def tasks(self) -> int:
        """How many Python processes work for executors of this cluster now."""
        return sum(b"pyspark.daemon" in command for command in _commands(self.workers))

    def _listens(self) -> bool:
        socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        return True

    def _process(self, kind: str, *args: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                [SPARK / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", *args],
                env=os.environ | LOOPBACK | {"SPARK_HOME": str(SPARK)}, cwd=self.folder, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip


def cpu_of_children() -> float:
    """CPU seconds so far of all that descends from this process: those that live, and what they gathered from others."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0
    for pid in _family(os.getpid())[1:]:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(told[place]) for place in (11, 12, 13, 14))
    return total / tick


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """End a process and its descendants, whichever groups they made, and wait for it."""
    for pid in reversed(_family(process.pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


def _family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _commands(processes: list[subprocess.Popen[bytes]]) -> Iterator[bytes]:
    for process in processes:
        for pid in _family(process.pid):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                yield Path(f"/proc/{pid}/cmdline").read_bytes()
