"""A plain DuckDB reader of the lake: attaches it as `updraft lake` tells, and says what it sees.

Belongs here: reading without any code of ours. Does not: writing. Run as ``lake_reading.py PIPELINE STOP`` it reads a tiny
pipeline again and again on one connection until the file STOP appears, then prints what it saw as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

EXTENSIONS = ("ducklake", "postgres_scanner", "httpfs")


def attached(env: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    """The lake of an environment as ``lake``, read-only."""
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    for name in EXTENSIONS:
        spec = importlib.util.find_spec(f"duckdb_extension_{name}")
        assert spec and spec.origin
        (file,) = Path(spec.origin).parent.glob(f"extensions/*/{name}.duckdb_extension")
        con.execute(f"LOAD '{file}'")
    at = urlsplit(env["UPDRAFT_LAKE"])
    con.execute("SET TimeZone = 'UTC'")
    con.execute(f"CREATE SECRET (TYPE postgres, PASSWORD '{at.password}')")
    if env["UPDRAFT_LAKE_FILES"].startswith("s3://"):
        con.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID '{env['AWS_ACCESS_KEY_ID']}', SECRET '{env['AWS_SECRET_ACCESS_KEY']}',"
            f" ENDPOINT '{urlsplit(env['AWS_ENDPOINT_URL']).netloc}', URL_STYLE 'path', USE_SSL false)"
        )
    address = f"host={at.hostname} port={at.port} user={at.username} dbname={at.path[1:]}"
    con.execute(f"ATTACH 'ducklake:postgres:{address}' AS lake (READ_ONLY)")
    return con


def seen(con: duckdb.DuckDBPyConnection, pipeline: str) -> tuple[str, int]:
    """(generation, edition) of a tiny pipeline, read in five queries of one transaction. Raises AssertionError when they disagree."""
    con.execute("BEGIN")
    try:
        told: list[Any] = []
        for query in (
            f"SELECT generation FROM lake.{pipeline}_meta.receipt",
            f"SELECT max(edition) FROM lake.{pipeline}.edition",
            f"SELECT min(edition), max(edition), count(*) FROM lake.{pipeline}.lines",
            f"SELECT max(edition), count(*) FROM lake.{pipeline}.sessions",
            f"SELECT sum(rows) FROM lake.{pipeline}_meta.content_months",
        ):
            told += con.execute(query).fetchall()[0]
    finally:
        con.execute("COMMIT")
    generation, edition, least, most, lines, newest, sessions, rows = told
    assert edition == least == most == newest and lines == 5000 and rows == 1 + lines + sessions, (
        f"a mixed read: {told}"
    )
    assert sessions == 600 + edition + 1, f"a session is missing or told twice: {told}"
    return generation, edition


def _read_until(pipeline: str, stop: Path) -> dict[str, Any]:
    con, reads, bad = attached(os.environ), 0, []
    found: list[tuple[str, int]] = []
    is_last = False
    while not is_last:
        is_last = stop.exists()
        try:
            now = seen(con, pipeline)
        except (AssertionError, duckdb.Error) as error:
            bad.append(str(error))
            break
        reads += 1
        if not found or found[-1] != now:
            found.append(now)
        time.sleep(0.01)
    return {"reads": reads, "saw": found, "bad": bad}


if __name__ == "__main__":
    print(json.dumps(_read_until(sys.argv[1], Path(sys.argv[2]))))
