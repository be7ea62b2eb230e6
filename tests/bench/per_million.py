"""What a million bars cost in each layer of one machine, measured on a home that was published: CPU, memory, disk.

    python tests/bench/per_million.py HOME

Each row is a process of its own on copies: nothing of the home is written. ``idle`` memory is that of the process before
the step. The layers are those whose cost grows with the bars; everything else of a run does not.

Belongs here: steps, processes, the table. Does not: what may be concluded (orchestration/scaling.md).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table
from stages import size

from ingestion.registry import all_sources
from orchestration.manifest import marts
from orchestration.settings import Settings
from warehouse import candidate, content, gate, generations, raw, rulebook, twin
from warehouse.database import attach, build_session, connect
from warehouse.home import Home
from warehouse.landing import Landing

BARS, MART = "yahoo_bars", "market_daily"
MODELS = ("int_bars", "int_price_doubts", "int_prices", "int_security_daily", "int_breadth_counts", MART)


def stored(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Bytes of the blocks that a table uses."""
    query = f"SELECT count(DISTINCT block_id) * 262144 FROM pragma_storage_info('{relation}') WHERE persistent"
    return int(con.execute(query).fetchall()[0][0])


class Steps:
    """Each step: a name, what is prepared, what is measured. ``home`` is the published one, ``aside`` a folder to write in."""

    def __init__(self, home: Home, aside: Path) -> None:
        """Nothing done yet."""
        self.home, self.aside = home, aside
        self.specs = [spec for spec in marts() if spec.name == MART]

    def names(self) -> list[str]:
        """In the order of a run."""
        return [f"load {BARS}", *(f"make {model}" for model in MODELS), "write", "hash", "judge", "export"]

    def measured(self, name: str) -> dict[str, float]:
        """CPU seconds, memory and bytes of one step."""
        kind, _, what = name.partition(" ")
        prepared: Callable[[], int] = getattr(self, kind)(what)
        idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        wall, cpu = time.perf_counter(), time.process_time()
        disk = prepared()
        found = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "disk": float(disk)}
        return found | {"peak": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) * 1024}

    def load(self, dataset: str) -> Callable[[], int]:
        """Packs of landing into raw facts, from nothing."""
        (source,) = (one for one in all_sources() if one.dataset == dataset)
        home, landing = Home(self.aside), Landing(self.home.landing)
        home.prepare("sample")

        def work() -> int:
            with build_session(home) as con:
                raw.ensure(con, (source,))
                raw.load(con, source, landing)
                con.execute("CHECKPOINT")
                return stored(con, f"raw.{dataset}") + stored(con, f"raw.{dataset}_superseded")

        return work

    def make(self, model: str) -> Callable[[], int]:
        """A model whole, from the tables of a copy of the build file, into a table beside it."""
        shutil.copyfile(self.home.build, self.aside / "build.duckdb")
        con = connect(self.home, self.aside / "build.duckdb")
        (relation, language, code), *_ = con.execute(
            "SELECT relation, language, code FROM changes.models WHERE relation LIKE ?", [f"%.{model}"]
        ).fetchall()

        def work() -> int:
            if language == "sql":
                con.execute(f"CREATE TABLE main.made AS {code}")
            else:
                names: dict[str, Any] = {}
                exec(compile(code, model, "exec"), names)
                dbt = names["dbtObj"](lambda name: con.cursor().query(f"SELECT * FROM {name}"))
                dbt.this = SimpleNamespace(schema=relation.partition(".")[0], identifier=model)
                con.register("rows", names["model"](dbt, con.cursor()))
                con.execute("CREATE TABLE main.made AS FROM rows")
            con.execute("CHECKPOINT")
            return stored(con, "main.made")

        return work

    def _published(self) -> duckdb.DuckDBPyConnection:
        return connect(self.home, self.home.current.resolve() / "updraft.duckdb", read_only=True)

    def write(self, _: str) -> Callable[[], int]:
        """The mart into a file of its own, in key order."""
        con = candidate.open_candidate(self.home, self.aside / "candidate.duckdb")
        attach(con, self.home.build, "b")
        (build_id,) = con.execute("SELECT any_value(build_id) FROM b.build_log.marts").fetchall()[0]
        con.execute("DETACH b")

        def work() -> int:
            candidate.write_marts(con, self.home.build, self.specs, build_id)
            con.execute("CHECKPOINT")
            return stored(con, f"marts.{MART}")

        return work

    def hash(self, _: str) -> Callable[[], int]:
        """The content hash of the mart."""
        con = self._published()

        def work() -> int:
            content.content_hash(con, MART)
            return 0

        return work

    def judge(self, _: str) -> Callable[[], int]:
        """The rules of the mart, without the import of great-expectations."""
        con, rules = self._published(), rulebook.load_rules(marts())
        as_of = Settings.from_env().as_of_moment()
        gate.judge(con, {"rally_daily": rules["rally_daily"][:1]}, ["rally_daily"], as_of, False)

        def work() -> int:
            gate.judge(con, {MART: rules[MART]}, [MART], as_of, False)
            return 0

        return work

    def export(self, _: str) -> Callable[[], int]:
        """The Parquet twin of the mart."""
        con = self._published()
        months = content.told(con, "updraft")

        def work() -> int:
            twin.write(con, self.aside, "measured", self.specs, months, {MART: content.WHOLE}, None)
            return size(self.aside / "parquet" / MART)

        return work


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path, help="a home that was published")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    home = Home(options.home.resolve())
    if options.step:
        with tempfile.TemporaryDirectory(prefix="updraft-million-") as folder:
            print(json.dumps(Steps(home, Path(folder)).measured(options.step)))
        return 0
    if generations.published(home) is None:
        parser.error(f"nothing is published in {home.root}. Run: updraft run")
    with connect(home, home.build, read_only=True) as con:
        bars = con.execute(f"SELECT count(*) FROM raw.{BARS}").fetchall()[0][0] / 1e6
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("per million bars", "wall s", "CPU s", "MB of memory", "MB of disk"):
        table.add_column(head, justify="left" if head.startswith("per") else "right")
    table.add_row("vendor's bytes", "", "", "", f"{size(home.landing / BARS) / bars / 1e6:,.0f}")
    total, console = 0.0, Console(width=100)
    for name in Steps(home, Path()).names():
        done = subprocess.run(
            [sys.executable, __file__, str(home.root), "--step", name], capture_output=True, text=True, check=False,
            env=os.environ,
        )  # fmt: skip
        if done.returncode:
            console.print(f"{name}: {done.stderr.strip().splitlines()[-1]}")
            return 1
        told = json.loads(done.stdout.splitlines()[-1])
        total += told["cpu"]
        disk = f"{told['disk'] / bars / 1e6:,.0f}" if told["disk"] else ""
        table.add_row(
            name, f"{told['wall'] / bars:.2f}", f"{told['cpu'] / bars:.2f}", f"{told['peak'] / bars / 1e6:,.0f}", disk
        )
    table.add_row("all of them", "", f"{total / bars:.1f}", "", "")
    console.print(f"{home.root.name}: {bars:.2f} million bars")
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
