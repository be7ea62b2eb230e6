"""The answer of a published generation. Belongs here: which file is opened, and the answer as JSON.

Does not: what is asked of the file and how it is said (``warehouse.report.answer``), layout (``show``).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import duckdb

from warehouse.database import reader
from warehouse.errors import HomeError
from warehouse.home import Home
from warehouse.report.answer import Answer, answer_of
from warehouse.report.drivers import Driver
from warehouse.report.figures import Figure

__all__ = ["Answer", "Driver", "Figure", "read", "to_json"]


def read(home: Home, elsewhere: Path | None = None) -> Answer:
    """The answer of the served generation (or of the newest one kept in ``elsewhere``).

    Raises HomeError if there is none, or if another version of the code published it, with other columns.
    """
    file = home.door
    if elsewhere is not None and (kept := sorted(elsewhere.glob("*/updraft.duckdb"))):
        file = kept[-1]
    con = reader(file)
    try:
        return answer_of(con)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        what = str(error).splitlines()[0]
        raise HomeError(f"{file} was published by another version of the code ({what}). Run: updraft run") from error
    finally:
        con.close()


def to_json(answer: Answer) -> str:
    """The answer as JSON, dates as ISO text."""
    return json.dumps(
        asdict(answer), indent=1, default=lambda v: v.isoformat() if isinstance(v, (date, datetime)) else str(v)
    )
