"""What rows a mart holds, as sums: by month of the session, and as one hash for the whole.

Belongs here: computing the sums, carrying them over for months that nobody wrote, comparing a published file with them.
Does not: where they are written (``meta``), when they are asked for (``publish``).

A sum does not depend on the order of rows, and the sums of all months add up to those of the mart: so a night that
touches one month hashes one month.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.database import quoted, reader
from warehouse.errors import HomeError

WHOLE = date.min  # stands where a first session is asked for: all rows, of whatever session and of none


@dataclass(frozen=True)
class Sums:
    """Number of rows, and the sums of their two 64-bit hashes."""

    rows: int
    first: int
    second: int


Months = Mapping[date | None, Sums]  # by first day of the month; None: rows without a session


Columns = Sequence[tuple[str, str]]  # name and type of each


def _months(con: duckdb.DuckDBPyConnection, mart: str, columns: Columns, since: date = WHOLE) -> Months:
    """Sums by month, read from the rows; with ``since`` (first of a month) only of that month and later ones."""
    only = "" if since == WHOLE else f"WHERE session_date >= DATE '{since}'"
    return months_of(con, f"marts.{quoted(mart)}", columns, only)


def months_of(con: duckdb.DuckDBPyConnection, table: str, columns: Columns, only: str = "") -> Months:
    """Sums by month of any table of these columns, by its name in SQL; ``only``: a WHERE clause.

    The second hash also looks at the sign of zero, which the database's own hash does not tell. Another version of DuckDB
    may hash otherwise: sums are compared within one version, which the receipt names.
    """
    cells = ", ".join(quoted(name) for name, _ in columns)
    signs = "".join(f", signbit({quoted(name)})" for name, kind in columns if kind in ("DOUBLE", "FLOAT"))
    found = con.execute(
        f"SELECT {_month(columns)} AS month, count(*), sum(hash({cells})), sum(hash('again', {cells}{signs}))"
        f" FROM {table} {only} GROUP BY ALL HAVING count(*) > 0"
    ).fetchall()
    return {month: Sums(*sums) for month, *sums in found}


def months_since(
    con: duckdb.DuckDBPyConnection, touched: Mapping[str, date | None], former: Mapping[str, Months]
) -> dict[str, Months]:
    """Sums by month of each mart in ``touched``, where only rows from that session on (None: no row) can differ from
    those that ``former`` tells of.

    Months before are carried over, once their rows have been counted: that reads one column. Raises HomeError where
    another number of rows is there.
    """
    columns = _columns(con)
    return {
        mart: _months_since(con, mart, columns[mart], since, former.get(mart, {})) for mart, since in touched.items()
    }


def _months_since(
    con: duckdb.DuckDBPyConnection, mart: str, columns: Columns, since: date | None, former: Months
) -> Months:
    if since == WHOLE:
        return _months(con, mart, columns)
    first = since.replace(day=1) if since else None
    kept = {month: sums for month, sums in former.items() if month is None or first is None or month < first}
    before = f"WHERE session_date IS NULL OR session_date < DATE '{first}'" if first else ""
    counted = con.execute(
        f"SELECT {_month(columns)} AS month, count(*) FROM marts.{quoted(mart)} {before} GROUP BY ALL HAVING count(*) > 0"
    ).fetchall()
    if problems := differing(mart, {month: sums.rows for month, sums in kept.items()}, dict(counted)):
        raise HomeError(f"{problems[0]}; nothing was published. Run: updraft run --rebuild")
    return {**kept, **(_months(con, mart, columns, first) if first else {})}


def hashes(con: duckdb.DuckDBPyConnection, held: Mapping[str, Months]) -> dict[str, str]:
    """A hash of each mart's rows, column names and types, from the sums of its months."""
    columns = _columns(con)
    return {mart: hash_of(mart, columns[mart], months) for mart, months in held.items()}


def hash_of(mart: str, columns: Columns, months: Months) -> str:
    """The same of one mart, whose columns are known."""
    sums = months.values()
    totals = (sum(s.first for s in sums), sum(s.second for s in sums)) if sums else (None, None)
    row = (sum(s.rows for s in sums), *totals)
    return hashlib.sha256(repr((mart, list(columns), row)).encode()).hexdigest()


def content_hashes(con: duckdb.DuckDBPyConnection, marts: Sequence[str]) -> dict[str, str]:
    """Content hash by mart, from all rows."""
    return hashes(con, months_since(con, dict.fromkeys(sorted(marts), WHOLE), {}))


def content_hash(con: duckdb.DuckDBPyConnection, mart: str) -> str:
    """The same of one mart."""
    return content_hashes(con, [mart])[mart]


def combined(hashes: Mapping[str, str]) -> str:
    """One hash over all marts."""
    return hashlib.sha256(repr(sorted(hashes.items())).encode()).hexdigest()


def told(con: duckdb.DuckDBPyConnection, catalog: str, meta: str = "meta") -> dict[str, Months]:
    """What ``meta.content_months`` of a generation says, by mart. ``meta``: what the schema is called in the catalog."""
    found: dict[str, dict[date | None, Sums]] = {}
    for mart, month, *sums in con.execute(
        f"SELECT mart, month, rows, CAST(sum_1 AS HUGEINT), CAST(sum_2 AS HUGEINT) FROM {quoted(catalog)}.{quoted(meta)}.content_months"
    ).fetchall():
        found.setdefault(mart, {})[month] = Sums(*sums)
    return dict(found)


def differing(mart: str, expected: Mapping[date | None, object], seen: Mapping[date | None, object]) -> list[str]:
    """One line for each month that is not what is expected."""
    wrong = [month for month in {**expected, **seen} if expected.get(month) != seen.get(month)]
    return [
        f"{mart}, {f'{month:%Y-%m}' if month else 'rows without a session'}: not the rows that were published"
        for month in sorted(wrong, key=lambda month: month or WHOLE)
    ]


def check(generation: Path) -> list[str]:
    """Every row of a generation against ``meta.content_months``, ``meta.content`` and the receipt; a line for each difference.

    Nothing is said of a generation that another version of DuckDB hashed.
    """
    receipt = json.loads((generation / "receipt.json").read_text())
    if receipt.get("duckdb") != duckdb.__version__:
        return []
    file = generation / "updraft.duckdb"
    problems: list[str] = []
    with reader(file) as con:
        by_month = told(con, file.stem)
        said = dict(con.execute("SELECT mart, sha256 FROM meta.content ORDER BY mart").fetchall())
        if said != receipt["content"]:
            problems.append("meta.content is not what the receipt says")
        seen = months_since(con, dict.fromkeys(said, WHOLE), {})
        of_rows = hashes(con, seen)
        for mart, sha256 in said.items():
            problems += differing(mart, by_month.get(mart, {}), seen[mart])
            if of_rows[mart] != sha256:
                problems.append(f"{mart}: its rows are not those of its content hash")
    return [f"{file}: {problem}" for problem in problems]


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """Columns of every mart, in order: asked at once, since each question looks through all of them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for mart, name, kind in con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = current_database()"
        " AND schema_name = 'marts' ORDER BY table_name, column_index"
    ).fetchall():
        found.setdefault(mart, []).append((name, kind))
    return found


def _month(columns: Columns) -> str:
    is_dated = any(name == "session_date" for name, _ in columns)
    return "CAST(date_trunc('month', session_date) AS DATE)" if is_dated else "CAST(NULL AS DATE)"
