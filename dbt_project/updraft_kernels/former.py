"""What the table that a Python model replaces held, for a model that takes over rows whose input is the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl


def former(dbt: Any, session: Any, schema: Mapping[str, Any]) -> pl.DataFrame | None:
    """The rows of that table as a polars frame; None where it is not held, or has other columns than `schema`.

    It is held while a build that begins on the last one makes the model again, and in every build where the model asks
    for it by `keeps_former` (materialization `table`). `dbt` and `session` are the arguments of the model.
    """
    name = f"{dbt.this.identifier}__former"
    there = "select count(*) from information_schema.tables where table_schema = ? and table_name = ?"
    if not session.execute(there, [dbt.this.schema, name]).fetchall()[0][0]:
        return None
    held = session.table(f"{dbt.this.schema}.{name}").pl()
    return held if dict(held.schema) == schema else None
