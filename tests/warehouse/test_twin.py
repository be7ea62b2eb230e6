"""The Parquet twin holds the same values as the published file, to the sign of zero."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse import content, twin
from warehouse.candidate import MartSpec

ROWS = (
    "SELECT DATE '2025-12-01' + CAST(i % 60 AS INTEGER) AS session_date, i AS n,"
    " [0e0, -0e0, 0.1, NULL][i % 4 + 1] AS x, 'a' || i % 3 AS s FROM range({rows}) AS r(i)"
)


@pytest.mark.parametrize("rows", [1_000, twin.LARGE + 1_000], ids=["one file", "a file for each year"])
def test_values_arrive_to_the_sign_of_zero(rows: int, tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"CREATE SCHEMA marts; CREATE TABLE marts.m AS {ROWS.format(rows=rows)}; CREATE SCHEMA meta")
        columns = [("session_date", "DATE"), ("n", "BIGINT"), ("x", "DOUBLE"), ("s", "VARCHAR")]
        months = content.months_of(con, "marts.m", columns)
        twin.write(con, tmp_path, "g", [MartSpec("m", "", (), key=("n",))], {"m": months}, {"m": content.WHOLE}, None)
        files = sorted(path.name for path in (tmp_path / "parquet" / "m").iterdir())
        assert files == (["all.parquet"] if rows < twin.LARGE else ["2025.parquet", "2026.parquet"])
        assert content.months_of(con, f"'{tmp_path}/parquet/m/*.parquet'", columns) == months
