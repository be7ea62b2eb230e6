"""Rows of a generation as dicts. Belongs here: running a statement with parameters. Does not: any statement."""

from __future__ import annotations

from typing import Any

import duckdb

Row = dict[str, Any]


def rows(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[Row]:
    """Every row of ``sql``, column name to value."""
    cursor = con.execute(sql, list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def one(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> Row:
    """The first row of ``sql``, or an empty dict where there is none."""
    found = rows(con, sql, *values)
    return found[0] if found else {}
