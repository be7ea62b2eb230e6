"""What the table that a Python model replaces held, for a model that takes over rows whose input is the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl


def former(dbt: Any, session: Any, schema: Mapping[str, Any]) -> pl.DataFrame | None:
    """The rows of that table as a polars frame; None where it is not held, or has other columns than `schema`.

    In an evening that is the table itself, which stays until its new rows are there (orchestration/evening.py). Where dbt
    makes it, it is held for a model that asks for it by `keeps_former` (materialization `table`). `dbt` and `session` are
    the arguments of the model.
    """
    name = dbt.this.identifier
    if not session.execute("select getvariable('evening')").fetchall()[0][0]:
        name = f"{name}__former"
    there = "select count(*) from information_schema.tables where table_schema = ? and table_name = ?"
    if not session.execute(there, [dbt.this.schema, name]).fetchall()[0][0]:
        return None
    held = session.table(f"{dbt.this.schema}.{name}").pl()
    return held if dict(held.schema) == schema else None
