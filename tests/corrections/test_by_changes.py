"""Whatever happens between two evenings, a build that begins on the last one is what a whole build makes of the same facts."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from evenings import TinyHome
from vendors import EVENINGS, Vendors, at_nine, history

from ingestion.calendar import snapshot_at
from orchestration import steps
from warehouse import changes
from warehouse.database import attach, connect, quoted

LAYERS = ("intermediate", "indicators", "answer", "marts")
WHAT_HAPPENS = ("run", "run", "run", "skipped", "killed")  # on an evening


class Killed(Exception):
    """The run ended here."""


def differing(tiny: TinyHome, build: Path, whole: Path) -> list[str]:
    """Tables whose rows differ between two build files, with the rows of each that the other lacks."""
    con = connect(tiny.home, build, read_only=True)
    try:
        attach(con, whole, "whole")
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'whole' AND list_contains(?, schema_name)"
            " ORDER BY ALL",
            [list(LAYERS)],
        ).fetchall()
        assert len(tables) > 200, "the whole build has no tables: the comparison proves nothing"
        found = []
        for schema, table in tables:
            name = f"{quoted(schema)}.{quoted(table)}"
            columns = con.execute(f"DESCRIBE {name}").fetchall()
            cells = ", ".join(
                f"{quoted(c[0])}" + (f", signbit({quoted(c[0])})" if c[1] in ("DOUBLE", "FLOAT") else "")
                for c in columns
            )
            own, other = (f"SELECT hash({cells}) AS h FROM {of}{name}" for of in ("", "whole."))
            lacks = con.execute(
                f"SELECT (SELECT count(*) FROM ({own} EXCEPT ALL {other})), (SELECT count(*) FROM ({other} EXCEPT ALL {own}))"
            ).fetchone()
            if lacks != (0, 0):
                found.append(f"{schema}.{table}: {lacks}")
        return found
    finally:
        con.close()


@pytest.mark.parametrize("seed", [1, 3])
def test_begun_on_the_last_build_it_is_the_whole_build(
    prepared: Path, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path / "home"))
    tiny, vendors, draw = TinyHome(tmp_path / "home", prepared), Vendors.at_rest(0), random.Random(seed)
    compiled = tiny.compiled  # what dbt ran on the first evening, read before it runs again
    plans: list[changes.Plan] = []
    after_a_kill: list[changes.Plan] = []
    was_killed = False
    begin = changes.begin

    def watched(*args: object, **named: object) -> changes.Plan:
        plans.append(begin(*args, **named))  # type: ignore[arg-type]
        return plans[-1]

    monkeypatch.setattr(changes, "begin", watched)
    for n, events in enumerate(history(seed)):
        if n == 0:
            continue
        day = EVENINGS[n]
        for event in events:
            event(vendors, n, draw)
        tiny.load(vendors, day)
        what = "run" if n < 3 else draw.choice(WHAT_HAPPENS)
        if what == "skipped":
            continue
        settings = replace(tiny.settings, as_of=snapshot_at(day), clock=at_nine(day))
        with monkeypatch.context() as patch:
            if what == "killed":
                patch.setattr(changes, "end", _killed)
                with pytest.raises(Killed):
                    steps.compute(settings)
                was_killed = True
                continue
            build = steps.compute(settings)
        if was_killed:
            after_a_kill.append(plans[-1])
            was_killed = False
        seeded = tmp_path / "seeded" / "build.duckdb"
        seeded.parent.mkdir(exist_ok=True)
        compiled.seeded(build.path, seeded)
        whole = compiled.run(seeded, tmp_path / "whole", snapshot_at(day))
        assert differing(tiny, build.path, whole) == [], f"evening {day} after {[e.__name__ for e in events]}"
    assert sum(not plan.is_whole for plan in plans) >= 3, f"hardly a build began on another: {plans}"
    # of an evening that was killed nothing stays, so the next one begins where that one began
    assert not any(plan.because == "no finished build is held" for plan in after_a_kill), after_a_kill


def _killed(*_: object) -> None:
    raise Killed
