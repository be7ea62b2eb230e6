"""What each shock did to the index over each window: long in, long out. The arithmetic is in updraft_kernels.shocks.

A window is told by the newest set of rotations made a week before its start or earlier; it holds the shock days after its start whose
figures were known by its session. ``outside`` is the index move of sessions that no shock day stands for.

A window is told by days up to its end alone, so only those of sessions that can differ are told again.
"""

import numpy as np
import polars as pl

from updraft_kernels import shocks, since

MOVES = ["change_2y_bp", "change_5y_bp", "change_10y_bp", "log_return"]
IMPACTS = ["impact_2y_bp", "impact_5y_bp", "impact_10y_bp", "impact_stock"]
WAIT = 5  # sessions between the end of a year and the first window its set tells
KEY = ["index_id", "episode_id", "window_id", "session_date"]
SCHEMA = dict.fromkeys(KEY[:3], pl.String) | {"session_date": pl.Date, "component": pl.String}
SCHEMA |= dict.fromkeys(["contribution", "p05", "p16", "p84", "p95", "yield_answer", "largest_gap"], pl.Float64)
SCHEMA |= {"is_named": pl.Boolean, "n_rotations": pl.Int32, "n_days": pl.Int32, "set_date": pl.Date}
SCHEMA |= {"known_at": pl.Datetime("us", "UTC"), "status": pl.String}


def model(dbt, session):
    dbt.config(materialized="by_session")
    days = dbt.ref("int_shock_days").pl().filter(pl.col("log_return").is_not_null()).sort("index_id", "session_no")
    sets = dbt.ref("int_shock_sets").pl()
    windows = since.rows_from(dbt.ref("int_attribution_windows"), since.first_session(session)).pl()
    windows = windows.sort("index_id", "session_no", "window_id", "episode_id")
    frames = [pl.DataFrame(schema=SCHEMA)]
    for (index_id,), one in windows.group_by(["index_id"], maintain_order=True):
        own = days.filter(pl.col("index_id") == index_id)
        if own.is_empty():
            continue  # no day with yields and a close: nothing to tell apart
        frames.extend(_of_index(own, sets.filter(pl.col("index_id") == index_id), one))
    return pl.concat(frames).to_arrow()


def _of_index(days, sets, windows):
    moves = days.select(MOVES).to_numpy()
    number, known = days["session_no"].to_numpy(), days["known_at"].dt.epoch("us").to_numpy()
    ends = sets.select("set_date", "set_no").unique().sort("set_no")
    # the first day after the start, and the day after the last one, of each window
    first = np.searchsorted(number, windows["start_no"].to_numpy(), side="right")
    stop = np.searchsorted(number, windows["end_no"].to_numpy(), side="right")
    asked = windows["known_at"].dt.epoch("us").to_numpy()
    # the newest day may not be known yet; it is left outside
    late = (stop > first) & (known[np.maximum(stop - 1, 0)] > asked)
    stop = stop - late
    # a set waits until the figures of its last days are known everywhere
    chosen = np.searchsorted(ends["set_no"].to_numpy(), windows["start_no"].to_numpy() - WAIT, side="right") - 1
    for n in range(ends.height):
        here = np.flatnonzero(chosen == n)
        if not len(here):
            continue
        own = sets.filter(pl.col("set_no") == ends["set_no"][n])
        order = pl.col("shock").replace_strict(list(shocks.SHOCKS), range(4), return_dtype=pl.Int32)
        impacts = own.sort("rotation_no", order).select(IMPACTS).to_numpy().reshape(-1, 4, 4).transpose(0, 2, 1)
        size = int(np.searchsorted(number, ends["set_no"][n], side="right"))
        fitted = shocks.fit(moves[:size])
        told = shocks.over_windows(fitted, impacts, moves, first[here], stop[here])
        answer = shocks.answers(fitted, told, stop[here] - first[here])
        named = shocks.is_named(told.bands, told.total, answer)
        status = _status(windows[here], first[here], stop[here], known, asked[here], number, len(impacts))
        common = {"n_rotations": len(impacts), "n_days": stop[here] - first[here], "set_date": ends["set_date"][n]}
        yield _rows(windows[here], told, answer, named, status, common)


def _status(windows, first, stop, known, asked, number, count):
    newest = np.array([known[a:b].max() if b > a else 0 for a, b in zip(first, stop, strict=True)])
    gap = windows["end_no"].to_numpy() - number[np.maximum(stop - 1, 0)]
    return np.where(
        (stop == first) | (gap > shocks.MOST_OUTSIDE),
        "STALE_INPUT",
        np.where(newest > asked, "NOT_PUBLISHED", np.where(count < shocks.LEAST_ACCEPTED, "ILL_CONDITIONED", "OK")),
    )


def _rows(windows, told, answer, named, status, common):
    empty = np.full(len(windows), np.nan)
    outside = windows["log_return"].to_numpy() - told.total
    parts = {
        name: [values, *[empty] * 5]
        for name, values in (("drift", told.drift), ("lag", told.lag), ("outside", outside))
    }
    for k, shock in enumerate(shocks.SHOCKS):
        low, p16, middle, p84, high = told.bands[:, :, k].T
        parts[shock] = [middle, low, p16, p84, high, answer[:, k]]
    names = ["contribution", "p05", "p16", "p84", "p95", "yield_answer", "largest_gap"]
    is_told = status == "OK"
    frames = [
        windows.select(
            *KEY,
            component=pl.lit(component),
            **{
                name: pl.Series(np.where(is_told, column, np.nan)).fill_nan(None)
                for name, column in zip(names, [*values, told.gap], strict=True)
            },
            is_named=pl.Series(
                is_told & named[:, shocks.SHOCKS.index(component)] if component in shocks.SHOCKS else is_told & False
            ),
            n_rotations=pl.lit(common["n_rotations"]),
            n_days=pl.Series(common["n_days"]),
            set_date=pl.lit(common["set_date"]),
            known_at="known_at",
            status=pl.Series(status),
        )
        .select(SCHEMA.keys())
        .cast(SCHEMA)
        for component, values in parts.items()
    ]
    return pl.concat(frames)
