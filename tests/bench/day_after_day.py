"""Day after day against once: a home that ran on every day, and a new home that ran only on the last.

    python tests/bench/day_after_day.py BASE_URL 2026-01-12 2026-01-13 … --work DIR [--tier core]
        [--before 'curl -fsSX POST BASE_URL/…/{day}']

``--before`` is run before each day's run and once more for the last one; it tells a server of recorded answers which day
it is. Each generation of the first home is compared, cell by cell, with what the other home says for the same sessions.
A cell may differ only where ``meta.revisions`` of a later generation names a changed (not merely new) input of its mart that
was observed by then. What was asked and answered on a day is a fact about each home and is counted apart (``ASKED``).

Belongs here: the runs, the comparison, the table. Does not: anything about one server.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
from point_in_time import NOW_COLUMNS, RESTATED, downstream

from orchestration import manifest
from warehouse.database import quoted
from warehouse.home import REPO, Home

ASKED = {"source_health": ("requested", "returned", "missing", "failed", "missing_names", "state")}


def run(home: Path, day: str, base: str, tier: str) -> None:
    """One ``updraft run`` as of a day. Raises CalledProcessError with what it said."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("UPDRAFT_", "DAGSTER_"))}
    env |= {"UPDRAFT_HOME": str(home), "UPDRAFT_VENDORS": base, "UPDRAFT_TIER": tier, "COLUMNS": "140"}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "run", "--as-of", day],
        cwd=REPO, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"run as of {day} in {home} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def lived(work: Path, days: list[str], base: str, tier: str, before: str) -> tuple[list[Path], Path]:
    """The published files of every day in one home, and of the last day in another."""
    kept = []
    for name, wanted in (("days", days), ("once", days[-1:])):
        for day in wanted:
            target = work / f"{name}-{day}.duckdb"
            if not target.exists():
                if before:
                    subprocess.run(shlex.split(before.format(day=day)), check=True, stdout=subprocess.DEVNULL)
                run(work / name, day, base, tier)
                shutil.copyfile(Home(work / name).door, target)
                target.chmod(0o644)
            kept.append(target)
            print(f"{name}: {day} published", flush=True)
    return kept[:-1], kept[-1]


def columns_of(con: duckdb.DuckDBPyConnection, catalog: str, mart: str) -> list[str]:
    """The columns that two builds must agree on, key first."""
    found = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = 'marts' AND table_name = ?"
        " ORDER BY column_index",
        [catalog, mart],
    ).fetchall()
    return [c for (c,) in found if not c.endswith("_final") and c not in NOW_COLUMNS.get(mart, ())]


def compare(day: str, then: Path, now: Path, later: list[Path]) -> tuple[int, list[tuple[str, str, str, date, int]]]:
    """(cells compared, differing cells as (mart, column, kind of revision or '', first session, count))."""
    keys = {spec.name: spec.key for spec in manifest.marts()}
    found: list[tuple[str, str, str, date, int]] = []
    cells = 0
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, path in (("then_", then), ("now_", now), *((f"g{n}", p) for n, p in enumerate(later))):
            con.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        union = " UNION ALL ".join(f"SELECT * FROM g{n}.meta.revisions" for n in range(len(later)))
        con.execute(
            "CREATE TABLE memory.revised AS SELECT dataset, kind, min(observed) AS first"
            f" FROM ({union or 'SELECT * FROM then_.meta.revisions WHERE FALSE'}) WHERE kind <> 'new' GROUP BY ALL"
        )
        marts = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'then_' AND schema_name = 'marts' ORDER BY 1"
        ).fetchall()
        upstream = {m: [d for d in _datasets(con) if m in downstream(d)] for (m,) in marts}
        for (mart,) in marts:
            if mart in RESTATED:
                continue
            columns = columns_of(con, "then_", mart)
            key = [k for k in keys[mart] if k in columns]
            sides = [
                f"(SELECT *, TRUE AS is_here FROM {c}.marts.{quoted(mart)} WHERE session_date BETWEEN"
                f" (SELECT min(session_date) FROM now_.marts.{quoted(mart)}) AND DATE '{day}')"
                for c in ("then_", "now_")
            ]
            same = ", ".join(quoted(k) for k in key)
            con.execute("CREATE OR REPLACE TABLE memory.pairs AS SELECT coalesce(a.session_date, b.session_date) AS at_,"
                        " a.is_here IS DISTINCT FROM b.is_here AS \"(row)\", "
                        + ", ".join(f"a.{quoted(c)} IS DISTINCT FROM b.{quoted(c)} AND a.is_here AND b.is_here AS {quoted(c)}"
                                    for c in columns)
                        + f" FROM {sides[0]} AS a FULL JOIN {sides[1]} AS b USING ({same})")  # fmt: skip
            (rows,) = con.execute("SELECT count(*) FROM memory.pairs").fetchone() or (0,)
            cells += rows * len(columns)
            for column in ["(row)", *columns]:
                for at, count in con.execute(
                    f"SELECT at_, count(*) FROM memory.pairs WHERE {quoted(column)} GROUP BY at_ ORDER BY at_"
                ).fetchall():
                    kinds = con.execute(
                        "SELECT string_agg(DISTINCT dataset || ':' || kind, ' ' ORDER BY dataset || ':' || kind)"
                        " FROM memory.revised WHERE list_contains(?, dataset) AND first <= ?",
                        [upstream[mart], at],
                    ).fetchone()
                    why = "asked by this home" if column in ASKED.get(mart, ()) else (kinds and kinds[0]) or ""
                    found.append((mart, column, why, at, count))
    return cells, found


def _datasets(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [d for (d,) in con.execute("SELECT DISTINCT dataset FROM memory.revised").fetchall()]


def main() -> None:
    """Run, compare, print; exit 1 when a differing cell has no revised input."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("base")
    parser.add_argument("days", nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--tier", choices=("core", "full"), default="full")
    parser.add_argument("--before", default="")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    kept, once = lived(args.work, args.days, args.base, args.tier, args.before)
    unexplained = 0
    for n, (day, path) in enumerate(zip(args.days, kept, strict=True)):
        cells, found = compare(day, path, once, kept[n + 1 :])
        bad = sum(count for _, _, kinds, _, count in found if not kinds)
        unexplained += bad
        print(f"{day}: {cells:,} cells compared, {sum(f[-1] for f in found):,} differ, {bad:,} without a revised input")
        by = Counter[tuple[str, str, str]]()
        first: dict[tuple[str, str, str], date] = {}
        for mart, column, kinds, at, count in found:
            by[mart, column, kinds] += count
            first[mart, column, kinds] = min(at, first.get((mart, column, kinds), at))
        for (mart, column, kinds), count in sorted(by.items()):
            print(f"    {mart}.{column}: {count:,} from {first[mart, column, kinds]}: {kinds or 'UNEXPLAINED'}")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
