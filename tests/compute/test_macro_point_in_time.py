"""Released statistics on a raw small enough to read: later vintages, revisions and the plain file change no earlier row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import tiny_market

from ingestion import calendar, registry, releases
from ingestion.sources import alfred

THEN, NOW = "2025-01-01T01:00:00Z", "2025-03-15T00:00:00Z"
MARTS = {"marts.macro_as_known": "* EXCLUDE (value_final)", "marts.macro_vintages": "*"}
READINGS = ("ma01_monthly_price_change", "ma05_payrolls", "ma06_unemployment", "ma08_claims")
WHAT = ["--select", "+macro_as_known", "+macro_vintages", *(f"+{name}" for name in READINGS)]

pytestmark = pytest.mark.xdist_group("dbt")


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
        landing_sha256=pl.lit(tiny_market.SHA),
    )


def _insert(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    con.execute(f"INSERT INTO raw.{table} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")


def write(path: Path) -> None:
    """The tiny market, plus figures since 2020 and vintages of 2024 and 2025; CPILFESL has no vintages at all."""
    tiny_market.write(path)
    figures, vintages = [], []
    listed = releases.table().filter(pl.col("world") == "sample")
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


def rows(build: Path, name: str, what: str = "*") -> list[tuple[Any, ...]]:
    with duckdb.connect(str(build), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        return con.execute(f"SELECT {what} FROM {name} WHERE session_date <= '2024-12-31' ORDER BY ALL").fetchall()


@pytest.fixture(scope="module")
def built(dbt: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same raw, as of the end of 2024 and as of March 2025."""
    folder = tmp_path_factory.mktemp("macro")
    found = {name: folder / name / "build.duckdb" for name in ("then", "now")}
    for name, path in found.items():
        path.parent.mkdir()
        write(path)
        done = dbt(
            path,
            "build",
            "--exclude-resource-type",
            "unit_test",
            *WHAT,
            world="sample",
            as_of=THEN if name == "then" else NOW,
        )
        bad = {node: status for node, status in done.items() if status not in ("success", "pass")}
        assert not bad
    return found


@pytest.mark.parametrize("name", [*MARTS, *(f"indicators.{name}" for name in READINGS)])
def test_what_came_later_changes_no_earlier_row(built: dict[str, Path], name: str) -> None:
    then, now = (rows(built[when], name, MARTS.get(name, "*")) for when in ("then", "now"))
    assert then == now
    assert then or name.endswith("ma08_claims")


def test_the_comparison_is_not_vacuous(built: dict[str, Path]) -> None:
    """Figures of the compared rows were revised afterwards, and the later build holds the revisions."""
    finals = "series_id, session_date, value_final"
    then, now = (rows(built[when], "marts.macro_as_known", finals) for when in ("then", "now"))
    assert then != now


def test_first_figures_come_from_vintages_and_never_mix_with_the_plain_file(built: dict[str, Path]) -> None:
    with duckdb.connect(str(built["now"]), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        sources = dict(
            con.execute(
                "SELECT series_id, string_agg(DISTINCT vintage_source ORDER BY vintage_source) FROM marts.macro_as_known"
                " WHERE vintage_source <> 'daily' AND session_date >= '2024-06-03' GROUP BY ALL"
            ).fetchall()
        )
        changes = con.execute(
            "SELECT DISTINCT value FROM indicators.ma05_payrolls WHERE reading_id = 'MA05_change' AND status = 'OK'"
            " AND session_date >= '2024-06-03'"
        ).fetchall()
    assert sources == {"PAYEMS": "vintage", "UNRATE": "vintage", "CPILFESL": "lag_rule"}
    # the newest month is 1/8 too low in its first vintage, the month before no longer: 1000 - 125 persons
    assert {value for (value,) in changes} <= {875.0, 1000.0}
    assert (875.0,) in changes


def test_nothing_is_known_before_its_vintage(built: dict[str, Path]) -> None:
    with duckdb.connect(str(built["now"]), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        ahead = con.execute("SELECT count(*) FROM marts.macro_as_known WHERE released_at > known_at").fetchone()
        first = con.execute(
            "SELECT min(known_at) FROM marts.macro_vintages WHERE vintage_source = 'vintage'"
        ).fetchone()
    assert ahead == (0,)
    assert first is not None
    assert first[0] >= calendar.snapshot_at(date(2024, 1, 1))
