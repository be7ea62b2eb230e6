"""Prices, the per-security layer and correlations against polars doing the same, on invented bars: CPU seconds and ratios.

``python tests/bench/heart.py [--rows 2300000 4600000] [--repeat 5]``. Both sides read the same DuckDB file with two threads and
take turns in one process; a figure is the median of the CPU seconds. Peak memory is that of a process that runs the models
alone. ``--rows 45800000 --alone`` leaves polars out, which would need more memory than most machines have.

Belongs here: invented bars, the polars twins, the table. Does not: judging figures. Counts that differ end it with 1.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "compute"))

import duckdb
import numpy as np
import polars as pl
from rendered import Rendered
from rich.console import Console
from rich.table import Table

from updraft_kernels import pairs, securities

SESSIONS = 4797
WINDOWS = [20, 60, 120, 252]
ASSETS, RETURNS = 60, 2770
TRADED = ("instrument_id", "era")
MODELS = ("int_prices", "int_security_daily", "int_breadth_counts")
INVENTED = """
CREATE TABLE int_calendar AS
    SELECT CAST(n AS INTEGER) AS session_no, DATE '2000-01-03' + CAST(n AS INTEGER) AS session_date,
        CAST(n // 63 AS VARCHAR) AS quarter, TIMESTAMPTZ '2000-01-04 01:00:00+00' + to_days(CAST(n AS INTEGER)) AS snapshot_at
    FROM range($sessions) AS r(n);
CREATE TABLE names AS SELECT n, printf('EQ:S%05d', n) AS instrument_id FROM range($instruments) AS r(n);
CREATE TABLE int_bars AS
    WITH drawn AS (
        SELECT *, hash(n * 100003 + session_no) AS h,
            round(100 + n % 50 + 20 * sin(session_no / 37.0 + n) + hash(n * 7 + session_no) % 1000 / 500.0, 2) AS price
        FROM int_calendar CROSS JOIN names
    )
    SELECT instrument_id, 'stock' AS asset_class, session_date, session_no, false AS is_half_day,
        price AS open, round(price * 1.01, 2) AS high, round(price * 0.99, 2) AS low, price AS close,
        CAST(h % 5000000 AS BIGINT) AS volume, h % 2000 <> 3 AS is_traded, 'invented' AS source, snapshot_at AS known_at,
        CASE WHEN n % 5 = 0 AND session_no > 2000 THEN 2e0 ELSE 1e0 END AS split_factor,
        CASE WHEN n % 5 = 0 AND session_no = 2001 THEN 2e0 ELSE 1e0 END AS split_step,
        CASE WHEN (session_no + n) % 63 = 0 THEN 0.5e0 END AS cash,
        h % 100000 = 9 AS has_late_split, false AS has_no_actions
    FROM drawn WHERE h % 1000 <> 7 ORDER BY session_no, instrument_id;
CREATE TABLE int_price_doubts AS
    SELECT instrument_id, CAST(s AS BIGINT) AS session_no, CASE WHEN s < 1020 THEN 'STEP_WITHOUT_EVENT' END AS doubt,
        s = 1020 AS is_payout_aside, s = 1021 AS is_volume_aside, s = 1020 AS starts_anew
    FROM names, range(1000, 1022) AS r(s) WHERE n % 50 = 0;
CREATE TABLE int_membership AS
    SELECT 'U' AS universe_id, instrument_id, DATE '2000-01-03' + CAST(n % 900 AS INTEGER) AS valid_from,
        CASE WHEN n % 9 = 0 THEN DATE '2010-01-04' END AS valid_to
    FROM names;
CREATE TABLE int_instrument_sectors AS
    SELECT instrument_id, 's' || n % 11 AS sector_id, DATE '2000-01-03' AS valid_from, CAST(NULL AS DATE) AS valid_to
    FROM names WHERE n % 40 <> 1;
CREATE TABLE int_size_segments AS
    SELECT 'U' AS universe_id, instrument_id, CAST(q AS VARCHAR) AS quarter, 'size_' || (n + q) % 3 AS segment_id
    FROM names, range(1, $sessions // 63 + 1) AS r(q);
"""


class OnFile(Rendered):
    """The models on one DuckDB file, as a build has it: two threads, 2 GB."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.con = duckdb.connect(str(path), config={"threads": 2, "memory_limit": "2GB"})
        self.con.execute("SET TimeZone = 'UTC'")


def invent(path: Path, rows: int) -> None:
    """Bars in date order, with splits, payouts, holes, days without trade, doubts and eras; who is a member when."""
    with duckdb.connect(str(path), config={"threads": 2, "memory_limit": "4GB"}) as con:
        con.execute("SET TimeZone = 'UTC'")
        sql = INVENTED.replace("$sessions", str(SESSIONS)).replace("$instruments", str(round(rows / SESSIONS)))
        con.execute(sql)


def prices_in_polars(con: duckdb.DuckDBPyConnection) -> None:
    """``int_prices`` by polars into the table ``twin``."""
    told = con.sql("FROM int_price_doubts").pl().with_columns(pl.col("session_no").cast(pl.Int32))
    bars = con.sql("FROM int_bars").pl().sort("instrument_id", "session_no")
    bars = bars.join(told, on=["instrument_id", "session_no"], how="left", maintain_order="left")
    marks = ("is_payout_aside", "is_volume_aside", "starts_anew")
    bars = bars.with_columns(
        *(pl.col(mark).fill_null(value=False) for mark in marks),
        is_traded=pl.col("is_traded") & pl.col("doubt").is_null(),
    )
    cash = pl.when("is_payout_aside").then(0.0).otherwise(pl.col("cash").fill_null(0.0))
    bars = bars.with_columns(
        volume=pl.when(~pl.col("is_volume_aside")).then("volume"),
        tr_factor=(pl.col("split_step") * (1 + cash / pl.col("close"))).cum_prod().over("instrument_id"),
        era=pl.col("starts_anew").cast(pl.Int64).cum_sum().over("instrument_id"),
    )

    def ticks(price: str) -> pl.Expr:
        adjusted = pl.col(price).fill_null(pl.col("close")) * pl.col("split_factor") * 10_000
        return adjusted.round(mode="half_away_from_zero").cast(pl.Int64)

    kept = ("instrument_id", "is_traded")
    step = pl.col("session_no") - pl.col("session_no").shift(1).over(*kept)
    made = bars.with_columns(
        close_split=pl.col("close") * pl.col("split_factor"),
        close_tr=pl.col("close") * pl.col("tr_factor"),
        **{f"{price}_ticks": ticks(price) for price in ("close", "high", "low")},
        volume_split=(pl.col("volume") / pl.col("split_factor")).round(mode="half_away_from_zero").cast(pl.Int64),
        gap_sessions=pl.when(~pl.col("has_late_split")).then(step),
        bar_no=pl.int_range(1, pl.len() + 1).over(*kept),
    ).drop("split_step", "cash", "has_late_split", "starts_anew")
    con.register("made", made.to_arrow())
    con.execute("CREATE OR REPLACE TABLE twin AS FROM made")
    con.unregister("made")


def flags_in_polars(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """What each traded bar did, as columns that can be summed."""
    names = "instrument_id, session_no, session_date, is_traded, era, gap_sessions, close_ticks, high_ticks, low_ticks, volume_split"
    bars = con.sql(f"SELECT {names} FROM int_prices WHERE asset_class = 'stock'").pl()
    close = pl.col("close_ticks")
    bars = bars.filter("is_traded").sort("instrument_id", "session_no")
    bars = bars.with_columns(run=(pl.col("gap_sessions") > 5).fill_null(value=False).cum_sum().over(*TRADED))
    bars = bars.with_columns(
        in_run=pl.int_range(1, pl.len() + 1).over(*TRADED, "run"), before=close.shift(1).over(*TRADED)
    )
    in_run, follows = pl.col("in_run"), (pl.col("gap_sessions") == 1) & pl.col("before").is_not_null()
    extremes = {
        "new_highs_52w": pl.col("high_ticks") > pl.col("high_ticks").shift(1).rolling_max(252).over(*TRADED),
        "new_lows_52w": pl.col("low_ticks") < pl.col("low_ticks").shift(1).rolling_min(252).over(*TRADED),
        "new_highs_52w_close": close > close.shift(1).rolling_max(252).over(*TRADED),
        "new_lows_52w_close": close < close.shift(1).rolling_min(252).over(*TRADED),
    }
    flags = bars.with_columns(
        advancers=follows & (close > pl.col("before")),
        decliners=follows & (close < pl.col("before")),
        unchanged=follows & (close == pl.col("before")),
        **{f"with_sma{n}": in_run >= n for n in (20, 50, 100, 200)},
        **{
            f"above_sma{n}": (in_run >= n) & (n * close > close.rolling_sum(n).over(*TRADED)).fill_null(value=False)
            for n in (20, 50, 100, 200)
        },
        with_52w=in_run > 252,
        **{name: (in_run > 252) & beyond.fill_null(value=False) for name, beyond in extremes.items()},
    )
    volume, none = pl.col("volume_split"), pl.lit(0, pl.Int64)
    return flags.with_columns(
        up_volume=pl.when("advancers").then(volume).otherwise(none),
        down_volume=pl.when("decliners").then(volume).otherwise(none),
    )


def flags_table_in_polars(con: duckdb.DuckDBPyConnection) -> None:
    """The flags kept as a table, as ``int_security_daily`` is; without its return and drawdown."""
    key = ["instrument_id", "session_date", "session_no"]
    flags = [name for name in securities.COUNTS if name not in ("members", "up_volume", "down_volume")]
    con.register("made", flags_in_polars(con).select(key + flags).to_arrow())
    con.execute("CREATE OR REPLACE TABLE twin AS FROM made")
    con.unregister("made")


def counts_in_polars(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """All of ``int_breadth_counts`` but the members, whom it does not count: per segment and session with a member's bar."""
    flags = flags_in_polars(con)
    members = con.sql("SELECT universe_id, instrument_id, valid_from, valid_to FROM int_membership").pl()
    sectors = con.sql("SELECT instrument_id, sector_id FROM int_instrument_sectors").pl()
    sizes = con.sql("SELECT instrument_id, quarter, segment_id AS size_id FROM int_size_segments").pl()
    quarters = con.sql("SELECT session_no, quarter FROM int_calendar").pl()
    day = pl.col("session_date")
    rows = (
        flags.join(members, on="instrument_id")
        .filter(day >= pl.col("valid_from"), pl.col("valid_to").is_null() | (day < pl.col("valid_to")))
        .join(sectors, on="instrument_id", how="left")
        .join(quarters, on="session_no")
        .join(sizes, on=["instrument_id", "quarter"], how="left")
    )
    counted = [name for name in securities.COUNTS if name != "members"]
    return pl.concat(
        rows.filter(pl.col(name).is_not_null())
        .group_by(pl.lit(kind).alias("segment_type"), pl.col(name).alias("segment_id"), "session_no")
        .agg(pl.col(counted).sum().cast(pl.Int64))
        for kind, name in (("universe", "universe_id"), ("sector", "sector_id"), ("size", "size_id"))
    )


def scan_and_sort(con: duckdb.DuckDBPyConnection) -> None:
    """The columns that the counts need, read and sorted the other way."""
    names = ", ".join([*securities.NEEDED, "volume_split", "known_at"])
    for batch in con.sql(f"SELECT {names} FROM int_prices ORDER BY session_no, instrument_id").to_arrow_reader(1 << 18):
        batch.validate()


def same_counts(base: OnFile, twin: pl.DataFrame) -> tuple[int, int]:
    """(segment-days compared, those of which a count differs)."""
    key = ["segment_type", "segment_id", "session_no"]
    made = base.con.sql("FROM int_breadth_counts").pl().select(twin.columns)
    # a segment-day on which no member has a traded bar stands in the model alone
    both = made.join(twin, on=key, how="full", suffix="_twin", coalesce=True)
    zero = [pl.col(name).fill_null(0) for name in both.columns if name not in key]
    both = both.with_columns(zero)
    counted = [name for name in twin.columns if name not in key]
    return both.height, both.filter(pl.any_horizontal(pl.col(n) != pl.col(f"{n}_twin") for n in counted)).height


def returns() -> np.ndarray:
    """Returns of ``ASSETS`` assets, one with a bad tick at session 400."""
    draw = np.random.default_rng(1)
    found = draw.normal(0.0004, 0.01, (ASSETS, RETURNS))
    found[1:] += 0.3 * found[0]
    found[5, 400] = 1e4
    return found


def correlations(legs: np.ndarray) -> dict[tuple[int, int, int], np.ndarray]:
    """Of every pair and window, by the kernel."""
    sessions = pairs.Sessions(np.ones(RETURNS, dtype=np.bool_), WINDOWS)
    shared = [sessions.leg(leg) for leg in legs]
    return {
        (i, j, n): pairs.correlation(m)
        for i, j in combinations(range(ASSETS), 2)
        for n, m in pairs.joined(sessions, shared[i], shared[j]).items()
    }


def correlations_in_polars(legs: np.ndarray) -> pl.DataFrame:
    """The same by ``rolling_corr``."""
    frame = pl.DataFrame({f"{i}": leg for i, leg in enumerate(legs)})
    return frame.select(
        pl.rolling_corr(f"{i}", f"{j}", window_size=n).alias(f"{i} {j} {n}")
        for i, j in combinations(range(ASSETS), 2)
        for n in WINDOWS
    )


def worst_error(legs: np.ndarray, found: dict[tuple[int, int, int], np.ndarray]) -> float:
    """The largest difference from numpy in windows of the asset with the bad tick that no longer hold it."""
    return max(
        abs(r[t] - np.corrcoef(legs[i][t - n + 1 : t + 1], legs[j][t - n + 1 : t + 1])[0, 1])
        for (i, j, n), r in found.items()
        if 5 in (i, j)
        for t in range(400 + n, RETURNS, 97)
    )


def cpu(work: Callable[[], Any]) -> float:
    """CPU seconds of all threads of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def in_turn(repeat: int, *works: Callable[[], Any]) -> list[float]:
    """The median CPU seconds of each, run in turn."""
    taken = [[cpu(work) for work in works] for _ in range(repeat)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def alone(path: Path) -> float:
    """Peak memory in GB of a process that runs the models; prints what each costs."""
    command = [sys.executable, __file__, "--models", str(path)]
    subprocess.run(command, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2


def measured(table: Table, path: Path, rows: int, repeat: int) -> int:
    """Add the rows of one size to the table; the number of segment-days and prices that differ."""
    base, twin = OnFile(path), pl.DataFrame()
    con = base.con

    def counts() -> None:
        nonlocal twin
        twin = counts_in_polars(con)

    ours, theirs = in_turn(repeat, lambda: base.run("int_prices"), lambda: prices_in_polars(con))
    names = ", ".join(row[0] for row in con.execute("DESCRIBE int_prices").fetchall())
    query = f"SELECT count(*) FROM (SELECT {names} FROM int_prices EXCEPT ALL SELECT {names} FROM twin)"
    wrong = con.execute(query).fetchall()[0][0]
    con.execute("DROP TABLE twin")
    size = f"{rows / 1e6:.1f} M"
    table.add_row(size, "int_prices", "polars, same table", *figures(ours, theirs), f"{wrong} rows differ")
    kernel, over, flags, flags_over, sort = in_turn(
        repeat,
        lambda: base.run("int_breadth_counts"),
        counts,
        lambda: base.run("int_security_daily"),
        lambda: flags_table_in_polars(con),
        lambda: scan_and_sort(con),
    )
    compared, differing = same_counts(base, twin)
    said = f"{differing} of {compared:,} segment-days differ"
    table.add_row(size, "flags and counts", "polars over(), counts", *figures(kernel, over), said)
    table.add_row(size, "flags and counts", "scan + sort", *figures(kernel, sort), "")
    table.add_row(size, "int_security_daily", "polars over(), table", *figures(flags, flags_over), "")
    table.add_row(size, "both tables", "polars, both", *figures(kernel + flags, over + flags_over), "")
    table.add_row(size, "both tables", "polars over(), counts", *figures(kernel + flags, over), "")
    table.add_row(size, "both tables", "scan + sort", *figures(kernel + flags, sort), "")
    con.close()
    return wrong + differing


def figures(ours: float, theirs: float) -> tuple[str, str, str]:
    """CPU seconds of both, and the ratio."""
    return f"{ours:.2f}", f"{theirs:.2f}", f"{ours / theirs:.2f}"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[2_300_000, 4_600_000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="only the models, for sizes that polars cannot hold")
    parser.add_argument("--models", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    console = Console(width=120)
    if options.models:
        base = OnFile(options.models)
        for name in MODELS:
            spent = cpu(lambda name=name: base.run(name))
            console.print(
                f"{name}: {spent:.1f} CPU s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.1f} GB so far"
            )
        return 0
    table, wrong = Table(box=None, header_style="bold", padding=(0, 2, 0, 0)), 0
    for name in ("rows", "what", "against", "CPU s", "theirs", "ratio", ""):
        table.add_column(name, justify="right" if name in ("rows", "CPU s", "theirs", "ratio") else "left")
    for rows in options.rows:
        with tempfile.TemporaryDirectory(prefix="updraft-heart-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "bars.duckdb"
            invent(path, rows)
            peak = alone(path)
            if not options.alone:
                wrong += measured(table, path, rows, options.repeat)
            table.add_row(f"{rows / 1e6:.1f} M", "the three models", "", "", "", "", f"peak memory {peak:.1f} GB")
    if not options.alone:
        legs = returns()
        ours, theirs = in_turn(options.repeat, lambda: correlations(legs), lambda: correlations_in_polars(legs))
        error = worst_error(legs, correlations(legs))
        said = f"error after a tick of 1e4: {error:.0e}"
        table.add_row("", "correlations of 60 assets", "polars rolling_corr", *figures(ours, theirs), said)
    console.print(table)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
