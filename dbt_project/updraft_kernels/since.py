"""From which session on a Python model has to make its rows, where the build begins on the last one."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl


def first_session(session: Any) -> date | None:
    """The first session whose rows can differ from the last build (a date); None where all rows are to be made.

    `session` is the argument of a model whose materialization is `by_session`: rows before that session are ignored there,
    so they may be left out. It is told by a variable of the connection (orchestration/evening.py).
    """
    first: date | None = session.execute("select getvariable('first_made')").fetchall()[0][0]
    return first


def rows_from(relation: Any, first: date | None) -> Any:
    """The rows of a DuckDB relation from the session `first` on; all of them where that is None."""
    return relation if first is None else relation.filter(f"session_date >= date '{first}'")


def frame_from(frame: pl.DataFrame, first: date | None) -> pl.DataFrame:
    """The same of a polars frame."""
    return frame if first is None else frame.filter(frame["session_date"] >= first)
