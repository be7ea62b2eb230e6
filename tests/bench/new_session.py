"""The newest session of many instruments against a rebuild of them all: prices, flags and counts, CPU seconds and the ratio.

    python tests/bench/new_session.py [--instruments 10000] [--sessions 1250 2500] [--repeat 3]

Invented bars as in ``heart.py``. A new session is made as a build makes it: the models are told from which session on rows can
differ, and those rows are exchanged. Afterwards every table must hold what the rebuild made, row by row.

Belongs here: both runs, the table. Does not: judging figures. Tables that differ end it with 1.
"""

from __future__ import annotations

import argparse
import runpy
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import heart
from rendered import MODELS, Dbt
from rich.console import Console
from rich.table import Table

NAMES = heart.MODELS


def run(base: heart.OnFile, name: str, first: str | None) -> None:
    """Make a model whole (None), or exchange its sessions from ``first`` on."""
    (path,) = MODELS.rglob(f"{name}.py")
    made = runpy.run_path(str(path))["model"](Dbt(base.con, name), base.con)
    base.con.register("made", made)
    if first is None:
        base.con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM made")
    else:
        base.con.execute(
            f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM made WHERE session_date >= DATE '{first}'"
        )
        base.con.execute(f"DELETE FROM {name} WHERE session_date >= DATE '{first}'")
        base.con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM fresh")
    base.con.unregister("made")


def changed_from(base: heart.OnFile, first: str | None) -> None:
    """Tell the models from which session on their rows can differ (None: all are made), as an evening tells them."""
    base.con.execute("RESET VARIABLE first_made" if first is None else f"SET VARIABLE first_made = DATE '{first}'")


def prints(base: heart.OnFile) -> list[tuple[Any, ...]]:
    """Rows and sum of row hashes of every table."""
    return [base.con.execute(f"SELECT count(*), sum(hash(t)) FROM {name} AS t").fetchall()[0] for name in NAMES]


def cpu(work: Any) -> float:
    """CPU seconds of all threads."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measured(table: Table, folder: Path, instruments: int, sessions: int, repeat: int) -> bool:
    """One row of the table; whether the exchange made what the rebuild made."""
    heart.SESSIONS = sessions
    path = folder / f"{sessions}.duckdb"
    heart.invent(path, instruments * sessions)
    base = heart.OnFile(path)
    changed_from(base, None)
    rebuild = cpu(lambda: [run(base, name, None) for name in NAMES])
    whole = prints(base)
    first = str(base.con.execute("SELECT max(session_date) FROM int_calendar").fetchall()[0][0])
    changed_from(base, first)
    taken = [[cpu(lambda name=name: run(base, name, first)) for name in NAMES] for _ in range(repeat)]
    each = [statistics.median(column) for column in zip(*taken, strict=True)]
    is_same = prints(base) == whole
    base.con.close()
    table.add_row(
        f"{instruments:,}", f"{sessions:,}", f"{rebuild:.1f}", f"{sum(each):.2f}", " + ".join(f"{one:.2f}" for one in each),
        f"1/{rebuild / sum(each):.0f}", "yes" if is_same else "NO",
    )  # fmt: skip
    return is_same


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instruments", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, nargs="*", default=[1250, 2500])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    table = Table(title="the newest session, CPU seconds", header_style="bold", box=None, padding=(0, 2, 0, 0))
    for name in ("instruments", "sessions", "rebuild", "new session", "prices + flags + counts", "ratio", "same rows"):
        table.add_column(name, justify="right")
    with tempfile.TemporaryDirectory(prefix="updraft-session-") as folder:
        same = [
            measured(table, Path(folder), options.instruments, sessions, options.repeat)
            for sessions in options.sessions
        ]
    Console(width=110).print(table)
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
