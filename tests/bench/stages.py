"""One table: what each stage of a first run costs. Belongs here: measuring. Does not: judging the figures."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

T = TypeVar("T")


class Stages:
    """Stages in the order they ran."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float, str, str, float]] = []

    def timed(self, name: str, work: Callable[[], T], said: Callable[[T], tuple[str, str]] = lambda _: ("", "")) -> T:
        """Run one stage; ``said`` gives its rows and bytes as text."""
        wall, cpu = time.perf_counter(), time.process_time()
        done = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.rows.append((name, wall, cpu, *said(done), peak))
        return done


def size(path: Path) -> int:
    """Bytes of a file or of everything below a folder."""
    return path.stat().st_size if path.is_file() else sum(p.stat().st_size for p in path.rglob("*") if p.is_file())


def megabytes(count: int) -> str:
    """Bytes as MB."""
    return f"{count / 1e6:,.1f} MB"


def stages(home_folder: Path) -> Stages:
    """All stages of one run in this process, without Dagster."""
    found = Stages()

    def load_code() -> Any:
        from orchestration import steps
        from orchestration.definitions import defs
        from orchestration.manifest import ensure_manifest

        ensure_manifest()
        defs()
        return steps

    steps = found.timed("import, definitions", load_code)
    from ingestion.registry import all_sources
    from orchestration.settings import Settings
    from warehouse.database import reader

    settings = Settings.from_env()
    for source in all_sources():
        report = found.timed(
            f"ask {source.dataset}",
            lambda source=source: steps.fetch_dataset(settings, source),
            lambda r, source=source: (f"{r.requested:,} questions", megabytes(size(home_folder / "landing" / source.dataset)) if r.requested else ""),
        )  # fmt: skip
        found.timed(
            f"load {source.dataset}",
            lambda source=source, report=report: steps.load_dataset(settings, source, report),
            lambda r: (f"{r.rows_new:,}", ""),
        )
    build = found.timed(
        "compute (dbt)", lambda: steps.compute(settings), lambda b: (f"{len(b.nodes)} nodes", megabytes(size(b.path)))
    )

    def rows_of(_: Any) -> tuple[str, str]:
        con = reader(settings.home.door)
        total = con.execute(
            "SELECT sum(estimated_size) FROM duckdb_tables() WHERE schema_name = 'marts' AND database_name = 'updraft'"
        ).fetchall()[0][0]
        con.close()
        return f"{total:,} in marts", megabytes(size(settings.home.current.resolve()))

    found.timed("judge, publish", lambda: steps.publish_build(settings, build), rows_of)
    return found


def whole(home: Path, again: str) -> tuple[str, float, float, str, str, float]:
    """`updraft run` as people run it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    done = subprocess.run(
        [str(Path(sys.executable).parent / "updraft"), "run"],
        env={**os.environ, "UPDRAFT_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    outcome = "published" if done.returncode == 0 else f"exit code {done.returncode}"
    return (again, wall, cpu, outcome, megabytes(size(home)), after.ru_maxrss / 1024)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vendors", default="sample", help="sample, live, or the base URL of a mirror")
    parser.add_argument("--as-of", default="", help="the day a mirror stands at, YYYY-MM-DD")
    options = parser.parse_args()
    os.environ["UPDRAFT_VENDORS"] = options.vendors
    if options.as_of:
        os.environ["UPDRAFT_AS_OF"] = options.as_of
    with tempfile.TemporaryDirectory(prefix="updraft-bench-", ignore_cleanup_errors=True) as folder:
        first, second = Path(folder) / "run", Path(folder) / "stages"
        rows = [whole(first, "updraft run, first"), whole(first, "updraft run, again")]
        os.environ["UPDRAFT_HOME"] = str(second)
        found = stages(second)
    table = Table(
        title=f"vendors {options.vendors} {options.as_of}", header_style="bold", box=None, padding=(0, 2, 0, 0)
    )
    for name, justify in (
        ("stage", "left"),
        ("wall s", "right"),
        ("CPU s", "right"),
        ("rows", "right"),
        ("kept", "right"),
        ("peak MB", "right"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for name, wall, cpu, count, kept, peak in [*rows, *found.rows]:
        table.add_row(name, f"{wall:.1f}", f"{cpu:.1f}", count, kept, f"{peak:,.0f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
