"""Released statistics beside the stocks of ``tiny_market``: figures since 2020, vintages of 2024 and 2025.

Belongs here: facts with ``known_at``, written straight into ``raw``. Does not: vendors' formats.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
from tiny_market import SHA

from ingestion import registry, releases, seeds
from ingestion.sources import alfred


def _level(series: str, month: int, vintage: date | None) -> float:
    """A figure per month since 2020; a vintage less than 55 days after its start shows it 1/8 too low."""
    base = {"PAYEMS": 1000.0 + month, "UNRATE": 4.0 + (month % 4) / 4, "CPILFESL": 256.0 + month / 2}[series]
    start = date(2020 + month // 12, month % 12 + 1, 1)
    is_first = vintage is not None and (vintage - start).days < 55 and series != "UNRATE"
    return base - 0.125 if is_first else base


def _stamped(source: str, frame: pl.DataFrame) -> pl.DataFrame:
    fetched = pl.lit(datetime(2025, 3, 15, tzinfo=UTC)).dt.cast_time_unit("us")
    declared = registry.source(source)
    return frame.with_columns(
        known_at=declared.known_at(frame),
        known_at_kind=pl.lit("lag_rule"),
        first_seen_at=fetched,
        fetched_at=fetched,
        source=pl.lit(declared.vendor),
        landing_sha256=pl.lit(SHA),
    )


def _insert(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    con.execute(f"INSERT INTO raw.{table} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")


def write(path: Path) -> None:
    """Add the statistics to the ``raw`` that ``tiny_market.write`` made; CPILFESL has no vintages at all."""
    figures, vintages = [], []
    listed = seeds.of_world("release_dates", "sample")
    for series in ("PAYEMS", "UNRATE", "CPILFESL"):
        kind = releases.release_of_series()[series]
        starts = [date(2020 + m // 12, m % 12 + 1, 1) for m in range(62)]
        lags = releases.lag_rule_days(kind, pl.Series(starts))
        figures += [
            (series, day, _level(series, m, None)) for m, day in enumerate(starts) if lags[m] <= date(2025, 3, 14)
        ]
        if series == "CPILFESL":
            continue
        dates = dict(listed.filter(pl.col("release_id") == kind).select("obs_period", "release_date").iter_rows())
        public = {day: dates.get(day) or lags[m] for m, day in enumerate(starts)}
        for vintage in alfred.vintage_days(kind, listed, date(2024, 1, 1), date(2025, 3, 14)):
            held = [(m, day) for m, day in enumerate(starts) if public[day] <= vintage and m >= 12]
            vintages += [(series, day, vintage, _level(series, m, vintage)) for m, day in held]
    with duckdb.connect(str(path)) as con:
        con.execute("SET TimeZone = 'UTC'")
        frame = pl.DataFrame(figures, ["series_id", "observation_date", "value"], orient="row")
        _insert(con, "fred_observations", _stamped("fred_observations", frame))
        names = ["series_id", "observation_date", "vintage_date", "value"]
        _insert(con, "alfred_vintages", _stamped("alfred_vintages", pl.DataFrame(vintages, names, orient="row")))
