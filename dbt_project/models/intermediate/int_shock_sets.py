"""The accepted rotations of each year's end, from all shock days up to it: one row per rotation and shock, with what one unit
of the shock moves (basis points of the three yields, percent of the index). The arithmetic is in updraft_kernels.shocks.

Drawing rotations costs a third of a second a year, and a past year does not change: a set whose input is the same as in the
table that this one replaces is taken over from there. ``input_hash`` names the input and the settings.
"""

import polars as pl

from updraft_kernels import shocks
from updraft_kernels.former import former

MOVES = ["change_2y_bp", "change_5y_bp", "change_10y_bp", "log_return"]
IMPACTS = ["impact_2y_bp", "impact_5y_bp", "impact_10y_bp", "impact_stock"]
SCHEMA = {"index_id": pl.String, "set_date": pl.Date, "set_no": pl.Int32, "rotation_no": pl.Int32, "shock": pl.String}
SCHEMA |= dict.fromkeys(IMPACTS, pl.Float64) | {"n_days": pl.Int32, "input_hash": pl.String}


def model(dbt, session):
    dbt.config(materialized="table", keeps_former=True)
    days = dbt.ref("int_shock_days").pl().sort("index_id", "session_no")
    held = _held(dbt, session)
    frames = [pl.DataFrame(schema=SCHEMA)]
    for (index_id,), one in days.filter(pl.col("log_return").is_not_null()).group_by(["index_id"], maintain_order=True):
        moves = one.select(MOVES).to_numpy()
        for n in _year_ends(one["session_date"]):
            if n < shocks.LEAST_ROWS:
                continue
            key = shocks.input_hash(moves[: n + 1])
            found = held.get((index_id, key))
            frames.append(_drawn(index_id, one, moves, n, key) if found is None else found)
    return pl.concat(frames).to_arrow()


def _year_ends(dates):
    """Positions of the last day of each year that is over: its next day is known."""
    years = dates.dt.year().to_list()
    return [n for n in range(len(years) - 1) if years[n] != years[n + 1]]


def _held(dbt, session):
    """The sets of the table that this one replaces, by index and input; none at the first build or in another shape."""
    table = former(dbt, session, SCHEMA)
    if table is None:
        return {}
    order = pl.col("shock").replace_strict(list(shocks.SHOCKS), range(4), return_dtype=pl.Int32)
    table = table.sort("index_id", "set_no", "rotation_no", order)
    return dict(table.group_by(["index_id", "input_hash"], maintain_order=True))


def _drawn(index_id, one, moves, n, key):
    found = shocks.rotations(shocks.fit(moves[: n + 1]).cov, seed=shocks.SEED)
    by_shock = found.transpose(0, 2, 1).reshape(-1, 4)  # a row per rotation and shock
    count = len(found)
    return (
        pl.DataFrame(
            {
                "rotation_no": [i for i in range(count) for _ in range(4)],
                "shock": list(shocks.SHOCKS) * count,
                **{name: by_shock[:, i] for i, name in enumerate(IMPACTS)},
            }
        )
        .select(
            index_id=pl.lit(index_id),
            set_date=pl.lit(one["session_date"][n]),
            set_no=pl.lit(one["session_no"][n]),
            rotation_no="rotation_no",
            shock="shock",
            **{name: name for name in IMPACTS},
            n_days=pl.lit(n),
            input_hash=pl.lit(key),
        )
        .cast(SCHEMA)
    )
