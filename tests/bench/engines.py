"""The per-security layer and pair statistics in one process and on a Spark cluster: the same rows, and what each costs.

    python tests/bench/engines.py --rows 4600000
    python tests/bench/engines.py --home warehouse/data/sample

Starts a cluster of its own on loopback (two workers of one core), unless ``--engine`` names one. CPU seconds are those of all
processes: of this one, and on the cluster's side of its master, workers, executors and their Python too. ``start`` is what it
takes until a first row came back. Needs ``make extras`` and Java 17.

Belongs here: inputs, both computations, the table. Does not: judging figures. Rows that differ end it with 1.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "compute"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scale"))

import duckdb
import heart
from rendered import Rendered
from rich.console import Console
from rich.table import Table

import updraft_engine
from orchestration.dbt import environment
from updraft_engine import spark

SECURITIES = heart.MODELS
PAIRS = "int_pair_statistics"
INPUTS = (
    *("int_bars", "int_price_doubts", "int_calendar", "int_membership", "int_instrument_sectors", "int_size_segments"),
    "int_pair_returns",
)


class OnHome(Rendered):
    """The models on the inputs of a home's build file, which is only read."""

    def __init__(self, build: Path) -> None:
        super().__init__()
        self.con.close()
        self.con = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
        self.con.execute("SET TimeZone = 'UTC'")
        self.con.execute(f"ATTACH '{build}' AS home (READ_ONLY)")
        for name in INPUTS:
            self.con.execute(f"CREATE VIEW {name} AS FROM home.intermediate.{name}")


@dataclass(frozen=True)
class Took:
    """Seconds of the wall, CPU seconds of this process, and those of the cluster."""

    wall: float
    here: float
    there: float


@contextlib.contextmanager
def engine(address: str, least_rows: int = 0) -> Iterator[None]:
    """Work on whole instruments goes to a cluster for the time of the block."""
    told = {
        "UPDRAFT_ENGINE": address, "UPDRAFT_ENGINE_LEAST_ROWS": str(least_rows),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }  # fmt: skip
    with environment(**told), updraft_engine.engaged():
        yield


def differing(con: duckdb.DuckDBPyConnection, made: str, other: str) -> int:
    """Rows of either table that the other has not, cell by cell; the sign of zero counts."""
    columns = con.execute(f"DESCRIBE {made}").fetchall()
    cells = [f'"{name}"' for name, *_ in columns]
    cells += [f'signbit("{name}")' for name, kind, *_ in columns if kind in ("DOUBLE", "FLOAT")]
    one, two = (f"SELECT {', '.join(cells)} FROM {table}" for table in (made, other))
    ((count,),) = con.execute(
        f"SELECT (SELECT count(*) FROM ({one} EXCEPT ALL {two})) + (SELECT count(*) FROM ({two} EXCEPT ALL {one}))"
    ).fetchall()
    return int(count)


def timed(work: Callable[[], object], there: Callable[[], float]) -> Took:
    """Run it; ``there`` tells the CPU seconds of the cluster so far."""
    wall, here, before = time.perf_counter(), _here(), there()
    work()
    return Took(time.perf_counter() - wall, _here() - here, there() - before)


def _here() -> float:
    """CPU seconds of this process and its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--rows", type=int, help="invented bars, so many")
    what.add_argument("--home", type=Path, help="a home that was computed: its bars and pairs")
    parser.add_argument("--engine", help="spark://HOST:7077 of a cluster that runs; its CPU is not seen")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="updraft-engines-")))
        os.environ.setdefault("UPDRAFT_ENGINE_FILES", str(folder))
        if options.home:
            base: Rendered = OnHome(options.home / "build.duckdb")
            models = [*SECURITIES, PAIRS]
        else:
            heart.invent(folder / "bars.duckdb", options.rows)
            base, models = heart.OnFile(folder / "bars.duckdb"), [*SECURITIES]
        return table_of(base, models, options.engine, stack)


def table_of(base: Rendered, models: list[str], address: str | None, stack: contextlib.ExitStack) -> int:
    """Compute each model in one process, then all of them on the cluster; print both."""
    con, here, wrong = base.con, {}, 0
    for name in models:
        here[name] = timed(lambda name=name: base.run(name), lambda: 0.0)  # type: ignore[misc]
        con.execute(f"CREATE OR REPLACE TABLE here_{name} AS FROM {name}")
    from spark_cluster import Cluster, cpu_of_children

    if address is None:
        address = stack.enter_context(Cluster.started()).address
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("table", "rows", "wall", "CPU s", "wall", "driver", "cluster", "CPU ratio", "differ"):
        table.add_column(head, justify="left" if head == "table" else "right")
    with engine(address):
        start = timed(lambda: spark.started(address), cpu_of_children)
        for name in models:
            there = timed(lambda name=name: base.run(name), cpu_of_children)  # type: ignore[misc]
            rows = con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
            bad = differing(con, name, f"here_{name}")
            if isinstance(base, OnHome):
                bad += differing(con, name, f"home.intermediate.{name}")
            wrong += bad
            cpu = there.here + there.there
            one = here[name]
            table.add_row(
                name, f"{rows:,}", f"{one.wall:.1f}", f"{one.here:.1f}", f"{there.wall:.1f}", f"{there.here:.1f}",
                f"{there.there:.1f}", f"{cpu / one.here:.1f}", f"{bad:,}",
            )  # fmt: skip
    console = Console(width=100)
    console.print(f"rows: here, then on {address}; its start took {start.wall:.1f} s, {start.there:.1f} CPU s")
    console.print(table)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
