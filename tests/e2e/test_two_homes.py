"""Two new homes that first ask on different days tell the same past, but for what they declare to be reconstructed.

Belongs here: statistics and yields asked of the sample vendors at two clocks, and all that is computed from them. Does
not: homes that lived through corrections (``test_as_of``). ALFRED does not know payrolls and sales here, so the plain
file speaks for them: figures that get revised, under old dates, which is where two such homes cannot agree.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from compiled import Compiled
from lived import environment

from ingestion.calendar import snapshot_at
from ingestion.registry import all_sources, source
from orchestration import steps
from orchestration.settings import Settings, moment
from warehouse import raw
from warehouse.database import build_session
from warehouse.home import Home

FIRST, SECOND = date(2025, 10, 31), date(2026, 1, 15)
UNKNOWN = "status@alfredgraph.csv?id=PAYEMS;code=404|status@alfredgraph.csv?id=RSAFS;code=404"
# What is compared: all columns but those that restate, and the flag that declares a row (of either home).
TOLD = {
    "macro_as_known": (("series_id", "session_date"), "value_final"),
    "indicator_readings": (("reading_id", "entity_id", "session_date"), ""),
    "driver_scorecard": (("driver_id", "session_date"), ""),
}


@pytest.fixture(scope="module")
def homes(published: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Both homes' builds, each as of its own evening."""
    compiled = Compiled.of(published, snapshot_at(SECOND))
    root, built = tmp_path_factory.mktemp("two homes"), []
    for day in (FIRST, SECOND):
        with environment(UPDRAFT_HOME=str(root / f"{day}"), UPDRAFT_TIER="core", UPDRAFT_SAMPLE_FAULT=UNKNOWN):
            settings = replace(Settings.from_env(), clock=moment("evening", str(day)))
            home = settings.home
            for dataset in ("fred_observations", "alfred_vintages"):
                steps.load_dataset(settings, source(dataset), steps.fetch_dataset(settings, source(dataset)))
            with build_session(home) as con:
                raw.ensure(con, all_sources())
        seeded = root / f"{day}.duckdb"
        compiled.seeded(home.build, seeded)
        built.append(compiled.run(seeded, root / f"built {day}", snapshot_at(day)))
    return built[0], built[1]


def differing(homes: tuple[Path, Path], mart: str) -> tuple[int, int, int, list[tuple[object, ...]]]:
    """(rows compared, rows declared by either home, declared rows that differ, other rows that differ)."""
    key, restates = TOLD[mart]
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, path in zip(("a", "b"), homes, strict=True):
            con.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        columns = [row[0] for row in con.execute(f"DESCRIBE a.marts.{mart}").fetchall()]
        declared = "coalesce(x.is_reconstructed, false) OR coalesce(y.is_reconstructed, false)"
        is_declared = declared if "is_reconstructed" in columns else "false"
        wanted = [c for c in columns if c not in (*key, restates)]
        same = " AND ".join(f"x.{c} IS NOT DISTINCT FROM y.{c}" for c in wanted)
        rows = con.execute(
            f"SELECT {', '.join(f'coalesce(x.{k}, y.{k})' for k in key)}, {is_declared},"
            f" coalesce({same}, false) AND x.{key[0]} IS NOT NULL AND y.{key[0]} IS NOT NULL"
            f" FROM (FROM a.marts.{mart} WHERE session_date <= $day) AS x"
            f" FULL JOIN (FROM b.marts.{mart} WHERE session_date <= $day) AS y USING ({', '.join(key)}) ORDER BY ALL",
            {"day": FIRST},
        ).fetchall()
    other = [row for row in rows if not row[-1] and not row[-2]]
    return len(rows), sum(row[-2] for row in rows), sum(row[-2] and not row[-1] for row in rows), other


@pytest.mark.parametrize("mart", TOLD)
def test_two_homes_tell_the_same_past(homes: tuple[Path, Path], mart: str) -> None:
    compared, _, _, other = differing(homes, mart)
    assert compared > 10_000
    assert not other, f"{len(other)} of {compared} rows differ undeclared: {other[:5]}"


@pytest.mark.parametrize("mart", ["macro_as_known", "indicator_readings"])
def test_the_comparison_is_not_vacuous(homes: tuple[Path, Path], mart: str) -> None:
    """Newest figures under old dates do differ from home to home; and most rows are not of that kind."""
    compared, declared, differ, _ = differing(homes, mart)
    assert differ > 100
    assert declared < compared / 2


def test_what_nobody_knew_has_no_first_print(homes: tuple[Path, Path]) -> None:
    with duckdb.connect(str(homes[1]), read_only=True) as con:
        said = con.execute(
            "SELECT count(*), count(value), count(value_first), count(surprise), bool_and(is_reconstructed),"
            " bool_and(status_first = 'NOT_AVAILABLE') FROM marts.macro_as_known WHERE series_id IN ('PAYEMS', 'RSAFS')"
        ).fetchone()
        numbered = con.execute(
            "SELECT count(*), count(vintage_no) FROM marts.macro_vintages WHERE series_id IN ('PAYEMS', 'RSAFS')"
        ).fetchone()
    assert said is not None and numbered is not None
    assert said[0] > 1000 and said[1] > 1000 and said[2:] == (0, 0, True, True)
    assert numbered[0] > 100 and numbered[1] == 0
