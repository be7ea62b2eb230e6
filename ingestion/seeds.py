"""dbt's seeds as frames: text as it stands, dates as dates.

Belongs here: reading. Does not: what a row means. A column whose name ends in ``_from``, ``_to``, ``_on``, ``_date`` or
``_period`` holds dates; an empty cell is null.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from ingestion.calendar import SEED

DATED = ("_from", "_to", "_on", "_date", "_period")


@lru_cache(16)
def table(name: str) -> pl.DataFrame:
    """All rows of ``dbt_project/seeds/<name>.csv``. Raises FileNotFoundError, and polars' error for a malformed date."""
    text = pl.read_csv(SEED.with_name(f"{name}.csv"), infer_schema=False)
    return text.with_columns(pl.col(column).str.to_date() for column in text.columns if column.endswith(DATED))


def of_world(name: str, world: str) -> pl.DataFrame:
    """The rows of one world (``real`` or ``sample``); all of them where the seed has no column ``world``."""
    rows = table(name)
    return rows.filter(pl.col("world") == world) if "world" in rows.columns else rows
