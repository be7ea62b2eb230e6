"""The rally state machine over every index and rule: long in, long out. The logic is in updraft_kernels.rally."""

import polars as pl

from updraft_kernels import rally

POINTS = ("peak", "fall_confirmed", "low", "up_confirmed", "recovered", "high", "ended")
SCHEMA = {"index_id": pl.String, "rule": pl.String, "session_date": pl.Date, "state": pl.String, "end_kind": pl.String}
SCHEMA |= {f"{point}_date": pl.Date for point in POINTS}


def model(dbt, session):
    dbt.config(materialized="table")
    closes = dbt.ref("int_index_closes").pl().sort("index_id", "session_date")
    rules = dbt.ref("rally_rules").pl().sort("rule")
    frames = [
        _states(one, row)
        for (_,), one in closes.group_by(["index_id"], maintain_order=True)
        for row in rules.iter_rows(named=True)
    ]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *frames]).to_arrow()


def _states(one, row):
    rule = rally.Rule(fall=row["fall_pct"], rise=row["rise_pct"], fade=row["fade_pct"])
    found = rally.states(one["close_ticks"].to_numpy(), rule)
    day = one["session_date"]
    return found.select(
        index_id=one["index_id"],
        rule=pl.lit(row["rule"]),
        session_date=day,
        state="state",
        end_kind="end_kind",
        **{f"{point}_date": day.gather(found[point]) for point in POINTS},
    )
