"""Is what is published what comes out the second time? Rows by key, then column by column, missing values included.

Belongs here: comparing two frames and saying where they part. Does not: what either holds.
"""

from __future__ import annotations

import polars as pl

DIGIT = 5.1e-7  # half of the last of six digits kept
RELATIVE = 1e-9


def _plain(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Numbers as doubles, flags as 0 and 1, moments as microseconds, NaN as missing."""
    kind = frame.schema[name]
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        return column.dt.timestamp("us").cast(pl.Float64)
    if kind.is_numeric() or kind in (pl.Boolean, pl.Null):
        return column.cast(pl.Float64).fill_nan(None)
    return column


def difference(
    given: pl.DataFrame, again: pl.DataFrame, key: list[str], digits: dict[str, float] | None = None
) -> dict[str, str]:
    """Column → what is wrong with it; ``rows`` where the two do not have the same keys. Empty: they agree.

    ``digits``: by column how far two numbers may lie apart beyond 1e-9 of their size (default: half of six digits).
    """
    wrong: dict[str, str] = {}
    given = given.select(_plain(given, name) for name in given.columns)
    again = again.select(_plain(again, name) for name in again.columns)
    for name, a, b in (
        ("is published and not computed", given, again),
        ("is computed and not published", again, given),
    ):
        alone = a.join(b, on=key, how="anti", nulls_equal=True)
        if alone.height:
            wrong["rows"] = f"{alone.height} of {a.height}: {alone.select(key).row(0, named=True)} {name}"
    both = given.join(again, on=key, how="inner", suffix="__again", nulls_equal=True)
    for name in [n for n in again.columns if n not in key]:
        a, b = pl.col(name), pl.col(f"{name}__again")
        if given.schema[name].is_numeric() and again.schema[name].is_numeric():
            far = (a - b).abs() > (digits or {}).get(name, DIGIT) + RELATIVE * b.abs()
            bad = both.filter((a.is_null() != b.is_null()) | far.fill_null(False))
        else:
            bad = both.filter(a.cast(pl.String).ne_missing(b.cast(pl.String)))
        if bad.height:
            row = bad.row(0, named=True)
            at = ", ".join(str(row[k]) for k in key)
            wrong[name] = f"{bad.height} of {both.height}: at {at} published {row[name]}, again {row[name + '__again']}"
    return wrong
