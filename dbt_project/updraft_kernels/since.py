"""From which session on a Python model has to make its rows, where the build begins on the last one."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

_EVERYTHING = date(1, 1, 1)
_FIRST = """
select min(coalesce(f.reaches_from, case when f.relation is null then date '0001-01-01' end))
from changes.reads as r
left join changes.found as f on f.relation = r.input
where r.relation = ?
"""


def first_session(dbt: Any, session: Any) -> date | None:
    """The first session whose rows can differ from the last build (a date); None where all rows are to be made.

    `dbt` and `session` are the arguments of the model, whose materialization is `by_session`: rows before that session are
    ignored there, so they may be left out.
    """
    there = "select count(*) from duckdb_schemas() where database_name = current_database() and schema_name = 'changes'"
    if session.execute(there).fetchall()[0][0] == 0:  # whoever runs a model alone keeps no changes
        return None
    held = session.execute(_FIRST, [f"{dbt.this.schema}.{dbt.this.identifier}"]).fetchall()
    first: date | None = held[0][0]
    return None if first == _EVERYTHING else first


def rows_from(relation: Any, first: date | None) -> Any:
    """The rows of a DuckDB relation from the session `first` on; all of them where that is None."""
    return relation if first is None else relation.filter(f"session_date >= date '{first}'")


def frame_from(frame: pl.DataFrame, first: date | None) -> pl.DataFrame:
    """The same of a polars frame."""
    return frame if first is None else frame.filter(frame["session_date"] >= first)
