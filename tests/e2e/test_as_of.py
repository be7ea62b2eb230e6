"""An answer as of an earlier day: kept beside what is served, and equal to what any later build says of that day.

The home of these tests was asked at several clocks (``lived``). What later builds may change in a session already told:
columns that say so (``_final``, ``NOW_COLUMNS``), tables of how things stand now (``RESTATED``), and cells touched by a
correction of a market bar. The last are taken out of the world for the builds of days before they were known, so that
there everything else must be equal without exception; what they touch is a test of its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from compiled import Compiled, Node
from e2e_support import updraft
from lived import BARS, CORRECTED, copy_of, hindsight, live, never_corrected, thinned
from point_in_time import NOW_COLUMNS, RESTATED, chosen, compare, downstream, first_corrected, happened_after, marts_of

from ingestion.calendar import snapshot_at
from orchestration.manifest import marts, read_manifest
from warehouse import generations
from warehouse.home import Home

LAST = date(2026, 1, 15)
DAYS = chosen(seed=20260115, count=10, last=LAST, recent=3)
# Which marts must notice each kind of knowledge that came after the day (families of the negative control).
FAMILIES = {
    "macro": ("macro_as_known", "macro_vintages"),
    "membership": ("breadth_daily", "market_daily"),
    "flows": ("flows_daily", "flows_weekly"),
}
CONTROL = next(day for day in DAYS if day.year == 2025)
AT_LEAST = {
    "splits": 15,
    "late arrivals": 40,
    "rewritten bars": 60,
    "membership changes": 50,
    "macro revisions": 50_000,
}


@dataclass(frozen=True)
class World:
    """What dbt compiled, the seeded raw facts (as they are, without corrections of bars, in hindsight), two builds."""

    compiled: Compiled
    raw: Path
    uncorrected: Path
    hindsight: Path
    now: Path
    now_uncorrected: Path

    def later(self, day: date) -> Path:
        """The build that one as of ``day`` must agree with."""
        return self.now if day >= date.fromisoformat(CORRECTED) else self.now_uncorrected


@pytest.fixture(scope="module")
def compiled(published: Home) -> Compiled:
    """What the shared run compiled."""
    now = generations.published(published)
    assert now is not None
    return Compiled.of(published, snapshot_at(LAST))


@pytest.fixture(scope="module")
def world(compiled: Compiled, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The home that lived, on a third of the companies, and what is computed as of its last evening."""
    root = tmp_path_factory.mktemp("as_of")
    raw = copy_of(live(root / "lived"), root / "raw")
    thinned(raw)
    uncorrected, told = copy_of(raw, root / "uncorrected"), copy_of(raw, root / "hindsight")
    never_corrected(uncorrected)
    hindsight(told)
    files = []
    for home in (raw, uncorrected, told):
        files.append(root / f"{home.root.name}.duckdb")
        compiled.seeded(home.build, files[-1])
    builds = [compiled.run(file, root / f"now {file.stem}", snapshot_at(LAST)) for file in files[:2]]
    return World(compiled, *files, *builds)


def test_compiled_nodes_build_what_dbt_builds(compiled: Compiled, published: Home, tmp_path: Path) -> None:
    """The short way of these tests, on the whole sample world: every row of every mart is the one dbt made."""
    compiled.seeded(published.build, tmp_path / "seeded.duckdb")
    again = compiled.run(tmp_path / "seeded.duckdb", tmp_path / "again", snapshot_at(LAST))
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{again}' AS a (READ_ONLY)")
        con.execute(f"ATTACH '{published.build}' AS b (READ_ONLY)")
        assert marts_of(con, "a") == [spec.name for spec in marts()]
        for mart in marts_of(con, "a"):
            prints = [con.execute(f"SELECT count(*), sum(hash(t)) FROM {c}.marts.{mart} AS t").fetchone() for c in "ab"]
            assert prints[0] == prints[1], mart


def test_ten_days_ago_said_what_is_said_today(world: World, tmp_path: Path) -> None:
    assert len(DAYS) == 10 and sum(day > LAST - timedelta(days=61) for day in DAYS) >= 2
    events, rows, wrong = Counter[str](), Counter[str](), []
    for day in DAYS:
        then = world.compiled.run(world.raw, tmp_path / "then", snapshot_at(day))
        found = compare(then, world.later(day), day)
        wrong += [f"as of {day}: {one}" for one in found.differences]
        events.update(happened_after(world.raw, day))
        rows.update(found.rows)
    assert not wrong, "\n".join(wrong)
    assert set(rows) == {spec.name for spec in marts()} - set(RESTATED)
    assert min(rows.values()) > 0, rows
    short = {what: events[what] for what, least in AT_LEAST.items() if events[what] < least}
    assert not short, f"too little happened after these days to prove anything: {dict(events)}"


def test_a_corrected_bar_changes_only_what_follows_from_it(world: World) -> None:
    """A wrong bar is an error about the past: only marts downstream of it differ, and only from its session on."""
    found = compare(world.now_uncorrected, world.now, LAST)
    first = first_corrected(world.raw)
    assert set(first) == BARS, "every dataset of bars must have had a correction"
    assert {one.mart for one in found.differences} >= {"market_daily", "volatility_sentiment_daily", "crypto_daily"}
    for one in found.differences:
        since = min((first[name] for name in BARS if one.mart in downstream(name)), default=None)
        assert since is not None and one.first >= since, one


def test_with_the_filter_off_the_comparison_fails(world: World, tmp_path: Path) -> None:
    """Control: every fact of later is let in, only the calendar still ends at the day. Readings tell when their inputs were
    known, so the first of them that is not of that day is named."""
    until, later = f"{snapshot_at(CONTROL):%Y-%m-%dT%H:%M:%SZ}", f"{snapshot_at(LAST):%Y-%m-%dT%H:%M:%SZ}"

    def off(node: Node, code: str) -> str:
        return code if node.name == "int_calendar" else code.replace(until, later)

    then = world.compiled.run(world.raw, tmp_path / "off", snapshot_at(CONTROL), off)
    # readings say when their inputs were known, so the rows themselves tell that they looked ahead
    with pytest.raises(AssertionError, match=f"as of {CONTROL} holds a row known at"):
        compare(then, world.later(CONTROL), CONTROL)
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{then}' AS a (READ_ONLY)")
        con.execute(f"ATTACH '{world.later(CONTROL)}' AS b (READ_ONLY)")
        until = f"FROM {{}}.marts.volatility_sentiment_daily WHERE session_date <= DATE '{CONTROL}' ORDER BY ALL"
        sides = [con.execute(until.format(side)).fetchall() for side in "ab"]
    assert sides[0] != sides[1]


def test_with_hindsight_the_comparison_fails_in_every_family(world: World, tmp_path: Path) -> None:
    """Control: the values of today, dated as if they had been the first. Models ask when each fact was known row by row,
    beyond the filter; so this, not the filter alone, is what shows that the facts that came later matter to the rows."""
    then = world.compiled.run(world.hindsight, tmp_path / "hindsight", snapshot_at(CONTROL))
    noticed = {one.mart for one in compare(then, world.later(CONTROL), CONTROL).differences}
    for family, names in FAMILIES.items():
        assert noticed & set(names), (family, sorted(noticed))


def test_columns_of_now_say_so() -> None:
    """Every column that is not compared is documented as one that moves with the build."""
    documented = {
        (node["name"], name): column["description"]
        for node in read_manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
        for name, column in node["columns"].items()
    }
    for mart, columns in NOW_COLUMNS.items():
        for column in columns:
            assert "moves with the build" in documented[mart, column], (mart, column, documented[mart, column])


def test_an_earlier_as_of_is_kept_beside_and_agrees_with_what_is_served(copied: Home, tmp_path: Path) -> None:
    """The command: nothing is flipped, the answer is of that day, and it is what is served for that day."""
    served, day = copied.current.resolve(), date(2017, 6, 30)
    ran = updraft(copied.root, "run", "--as-of", str(day), "--publish-to", str(tmp_path / "kept"))
    assert ran.code == 0, ran.err
    assert "30 June 2017" in " ".join(ran.out.split())
    assert copied.current.resolve() == served
    (kept,) = (tmp_path / "kept").glob("*/updraft.duckdb")
    found = compare(kept, copied.door, day)
    assert not found.differences and len(found.rows) == len(marts()) - len(RESTATED)
