"""The answer of a published generation. Belongs here: which file is opened, and the answer as JSON.

Does not: what is asked of the file and how it is said (``warehouse.report.answer``), layout (``show``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from warehouse.database import reader
from warehouse.errors import HomeError
from warehouse.home import Home
from warehouse.report.answer import Answer, answer_of
from warehouse.report.conclusion import Conclusion, as_json, conclusion_of
from warehouse.report.drivers import Driver
from warehouse.report.figures import Figure
from warehouse.report.query import Row, one
from warehouse.report.standing import ReportError

T = TypeVar("T")
__all__ = ["Answer", "Driver", "Figure", "past", "read", "to_json"]


def read(home: Home, elsewhere: Path | None = None) -> Answer:
    """The answer of the served generation (or of the newest one kept in ``elsewhere``).

    Raises HomeError if there is none, or if another version of the code published it, with other columns.
    """
    file = home.door
    if elsewhere is not None and (kept := sorted(elsewhere.glob("*/updraft.duckdb"))):
        file = kept[-1]
    return _asked(file, answer_of)


def past(home: Home, as_of: date | None) -> tuple[Conclusion, Row]:
    """The conclusion of the last session not after ``as_of`` (None: the newest) and the receipt of the served generation.

    Raises HomeError as ``read`` does, or where no session is that old.
    """
    return _asked(home.door, lambda con: (conclusion_of(con, as_of), one(con, "SELECT * FROM meta.receipt")))


def _asked(file: Path, question: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
    con = reader(file)
    try:
        return question(con)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        what = str(error).splitlines()[0]
        raise HomeError(f"{file} was published by another version of the code ({what}). Run: updraft run") from error
    except ReportError as error:
        raise HomeError(f"{file}: {error}") from error
    finally:
        con.close()


def to_json(answer: Answer | Conclusion) -> str:
    """The answer, or the conclusion of a session, as JSON; dates as ISO text, ``evidence`` the rows its numbers stand in."""
    whole = asdict(answer)
    if isinstance(answer, Answer):
        whole["conclusion"] = as_json(answer.conclusion)
    return json.dumps(
        whole if isinstance(answer, Answer) else as_json(answer),
        indent=1,
        default=lambda v: v.isoformat() if isinstance(v, (date, datetime)) else str(v),
    )
