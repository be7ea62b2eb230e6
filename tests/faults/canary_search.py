"""Is a canary key anywhere in a home? Belongs here: looking into every kind of file. Does not: putting keys anywhere."""

from __future__ import annotations

from pathlib import Path

import duckdb

WITHOUT_TEXT = (
    "BIGINT",
    "BOOLEAN",
    "DATE",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "HUGEINT",
    "INTEGER",
    "SMALLINT",
    "TIMESTAMP",
    "UBIGINT",
)
SIGN = "CANARY"  # every canary key begins with it


def hits(root: Path) -> list[str]:
    """Every file name, file, table row and pack row below ``root`` that holds a canary; one line each."""
    found = []
    for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink()):
        found += [str(path)] * (SIGN in path.name or SIGN.encode() in path.read_bytes())
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
                for schema, table in tables:
                    found += _rows(con, f'"{schema}"."{table}"', f"{path}: {schema}.{table}")
        elif path.suffix == ".parquet":
            with duckdb.connect() as con:
                con.read_parquet(str(path)).create_view("pack")
                found += _rows(con, "pack", str(path))
    return found


def _rows(con: duckdb.DuckDBPyConnection, table: str, where: str) -> list[str]:
    """A number, a date or a moment holds no key: only columns that can hold text are looked into."""
    described = con.execute(f"DESCRIBE {table}").fetchall()
    texts = [f'"{name}"' for name, kind, *_ in described if not kind.startswith(WITHOUT_TEXT) or kind.endswith("]")]
    if not texts:
        return []
    held = " OR ".join(f"contains(CAST({name} AS VARCHAR), ?)" for name in texts)
    rows = con.execute(
        f"SELECT CAST(t AS VARCHAR) FROM {table} AS t WHERE {held} LIMIT 20", [SIGN] * len(texts)
    ).fetchall()
    return [f"{where}: {text}" for (text,) in rows]
