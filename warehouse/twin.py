"""The Parquet twin of a generation: each mart a folder, a large one with a file for each year; ``meta`` a folder of tables.

Belongs here: which file holds what (in the lake, too), writing it, linking what did not change. Does not: sealing and pruning
(``generations``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from warehouse.candidate import MartSpec, text
from warehouse.content import WHOLE, Months
from warehouse.database import quoted
from warehouse.files import file_sha256

# In a dictionary DuckDB's Parquet writer takes 0 and -0 for the same value (its issue 25781). Files without are smaller, too.
PARQUET = "FORMAT parquet, COMPRESSION zstd, DICTIONARY_SIZE_LIMIT 1"
LARGE = 50_000  # rows of a mart from which on it has a file for each year
ALL, UNDATED = "all", "undated"  # pieces that are no year


@dataclass(frozen=True)
class Former:
    """The generation that the marts were taken over from, and the sha256 of its files by path."""

    folder: Path
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """Rows of a table that lie in one file: the file's stem, a condition in SQL, and what their months add up to."""

    name: str
    only: str
    months: Months = field(default_factory=dict)


def write(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    generation: str,
    marts: Iterable[MartSpec],
    held: Mapping[str, Months],
    touched: Mapping[str, date | None],
    former: Former | None,
) -> dict[str, str]:
    """Write the twin of the marts and of schema ``meta`` into a generation; returns the sha256 of files that are links to former ones.

    ``held`` gives the months of each mart, ``touched`` the first session whose rows are not those of the former
    generation (WHOLE: any can be; None: none is). Each written file says in its key-value metadata which generation
    wrote it; a linked one names the generation that did.
    """
    linked: dict[str, str] = {}
    for spec in marts:
        (folder / "parquet" / spec.name).mkdir(parents=True)
        since = touched[spec.name]
        order = "" if since == WHOLE or not spec.key else f"ORDER BY {', '.join(map(quoted, spec.key))}"
        for piece in pieces(held[spec.name]):
            path = f"parquet/{spec.name}/{piece.name}.parquet"
            if not _is_touched(piece, since) and former and _linked(former, path, folder / path):
                linked[path] = former.files[path]
                continue
            rows = f"SELECT * FROM marts.{quoted(spec.name)} WHERE {piece.only} {order}"
            _copy(con, rows, folder / path, generation)
    (folder / "parquet" / "meta").mkdir()
    for (table,) in con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'meta' ORDER BY ALL"
    ).fetchall():
        _copy(con, f"FROM meta.{quoted(table)}", folder / "parquet" / "meta" / f"{table}.parquet", generation)
    return linked


def pieces(months: Months) -> list[Piece]:
    """How a mart is cut into files: one for all, or if it is large for each year and for rows without a session."""
    years = sorted({month.year for month in months if month})
    if not years or sum(sums.rows for sums in months.values()) <= LARGE:
        return [Piece(ALL, "true", months)]
    made = [
        Piece(
            str(year),
            f"session_date BETWEEN DATE '{year:04d}-01-01' AND DATE '{year:04d}-12-31'",
            {month: sums for month, sums in months.items() if month and month.year == year},
        )
        for year in years
    ]
    return made + ([Piece(UNDATED, "session_date IS NULL", {None: months[None]})] if None in months else [])


def _is_touched(piece: Piece, since: date | None) -> bool:
    """Whether rows of a piece can be others where those from a session on can be (WHOLE: any can; None: none)."""
    if since is None or piece.name == ALL:
        return since is not None
    return since == WHOLE if piece.name == UNDATED else int(piece.name) >= since.year


def _linked(former: Former, path: str, target: Path) -> bool:
    """Make ``target`` the same file as the former one, or a copy where the file system has no links. False if it is damaged."""
    source = former.folder / path
    if path not in former.files or not source.is_file() or file_sha256(source) != former.files[path]:
        return False
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return True


def _copy(con: duckdb.DuckDBPyConnection, rows: str, target: Path, generation: str) -> None:
    con.execute(f"COPY ({rows}) TO {text(str(target))} ({PARQUET}, KV_METADATA {{generation: {text(generation)}}})")
