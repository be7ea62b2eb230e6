"""A publish takes over from the generation before it what did not change: the result is what writing all of it gives."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from warehouse import candidate, changes, content, gate, generations, publish, twin
from warehouse.candidate import BuildFacts, MartColumn, MartSpec
from warehouse.database import build_session, reader
from warehouse.errors import HomeError
from warehouse.files import file_sha256
from warehouse.home import Home

FIRST = date(2023, 11, 1)
MARTS = [
    MartSpec("days", "Values by session", (MartColumn("value", "[ratio] A value"),), key=("name", "session_date")),
    MartSpec("names", "Without a session", (MartColumn("name", "[text] A name"),), key=("name",)),
    MartSpec("notes", "Some without a session", (MartColumn("text", "[text] A note"),), key=("number",)),
    MartSpec("still", "Never changes", (MartColumn("value", "[ratio] A value"),), key=("session_date",)),
]
PASSED = gate.Verdict("days.rows", "days", "critical", "passed", "", "{}", "So that this is fast.")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin, "LARGE", 150)
    monkeypatch.setattr(gate, "judge", lambda *_: [PASSED])
    for page in ("page.render_page", "week.render_week"):
        monkeypatch.setattr(f"warehouse.report.{page}", lambda con, receipt: receipt["generation"])


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    home.prepare("sample")
    yield home
    for folder in home.generations.glob("*"):
        generations.make_writable(folder)


class Evenings:
    """A build file that is changed by statements, evening after evening, and says of itself what was changed."""

    def __init__(self, home: Home) -> None:
        self.home, self.number = home, 0
        with build_session(home) as con:
            con.execute("CREATE SCHEMA raw; CREATE SCHEMA marts; CREATE SCHEMA build_log")
            con.execute("CREATE TABLE raw.loaded_packs (dataset VARCHAR, pack VARCHAR, newest TIMESTAMPTZ)")
            con.execute(
                f"CREATE TABLE marts.days AS SELECT 'name ' || n AS name, DATE '{FIRST}' + CAST(d AS INTEGER) AS session_date,"
                " sin(d * n) AS value FROM range(3) a(n), range(100) b(d)"
            )
            con.execute("CREATE TABLE marts.names AS SELECT DISTINCT name FROM marts.days")
            con.execute(
                f"CREATE TABLE marts.notes AS SELECT n AS number, CASE WHEN n % 3 > 0 THEN DATE '{FIRST}' + CAST(n AS INTEGER) END"
                " AS session_date, 'note ' || n AS text FROM range(200) a(n)"
            )
            con.execute("CREATE TABLE marts.still AS SELECT session_date, value FROM marts.days WHERE name = 'name 1'")

    def built(
        self, *statements: str, found: dict[str, date | None] | None = None, code: str = "1", rebuild: bool = False
    ) -> publish.Candidate:
        """A build on the one before, changed by ``statements``; ``found`` by mart, of others nothing changed."""
        self.number += 1
        at = datetime(2026, 1, 15, 1, tzinfo=UTC) + timedelta(self.number)
        facts = BuildFacts(f"build {self.number}", at, "sample", "sample", "full", "c", code, f"{self.number}", at)
        with build_session(self.home) as con:
            changes.begin(con, facts, (), {}, (), rebuild)
            for statement in statements:
                con.execute(statement)
            for spec in MARTS:
                since = (found or {}).get(spec.name)
                con.execute("INSERT INTO changes.found VALUES (?, ?, ?)", [f"marts.{spec.name}", since, since])
            con.execute("CREATE OR REPLACE TABLE build_log.marts (mart VARCHAR, build_id VARCHAR)")
            con.execute(
                "INSERT INTO build_log.marts SELECT unnest(?), ?", [[s.name for s in MARTS], f"build {self.number}"]
            )
            changes.end(con, facts, ())
        return publish.Candidate(self.home.build, facts, MARTS, (), {})

    def publish(self, *statements: str, **told: Any) -> generations.Generation:
        """The same, published."""
        done = publish.publish(self.home, self.built(*statements, **told))
        found = generations.published(self.home)
        assert found is not None and found.name == done.generation
        return found


@pytest.fixture
def evenings(home: Home) -> Evenings:
    return Evenings(home)


def assert_is_the_build(home: Home) -> None:
    """Rows, hashes, months and Parquet twin of what is published are those of the build file, whoever wrote them."""
    place = home.current.resolve()
    assert generations.check(place) == [] and content.check(place) == []
    with duckdb.connect(str(home.build), read_only=True) as build, reader(home.door) as con:
        for spec in MARTS:
            mart, key = spec.name, list(spec.key)
            expected = build.execute(f"FROM marts.{mart}").pl().sort(key)
            assert con.execute(f"FROM marts.{mart}").pl().sort(key).equals(expected), mart
            assert pl.read_parquet(place / "parquet" / mart / "*.parquet").sort(key).equals(expected), mart
            assert (
                duckdb.sql(f"FROM read_parquet('{place}/parquet/{mart}/**/*.parquet')").pl().sort(key).equals(expected)
            )
            said = con.execute("SELECT sha256 FROM meta.content WHERE mart = ?", [mart]).fetchone()
            assert said == (content.content_hash(build, mart),), mart
            comment = "SELECT comment FROM duckdb_tables() WHERE schema_name = 'marts' AND table_name = ?"
            assert con.execute(comment, [mart]).fetchone() == (spec.doc,)
    with duckdb.connect(str(home.door), read_only=True) as con:
        (tags,) = con.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'updraft'").fetchall()[0]
    assert tags["storage_version"].startswith("v1.0.0")


def _append(number: int) -> tuple[list[str], dict[str, date | None]]:
    new = FIRST + timedelta(100 + number)
    return [f"INSERT INTO marts.days SELECT 'name ' || n, DATE '{new}', {number}.5 FROM range(3) a(n)"], {"days": new}


def _restate(number: int, day: date) -> tuple[list[str], dict[str, date | None]]:
    return [f"UPDATE marts.days SET value = -{number}.5 WHERE session_date = DATE '{day}'"], {"days": day}


def test_any_evenings_are_what_writing_all_gives(home: Home, evenings: Evenings) -> None:
    chance = random.Random(13)
    evenings.publish()
    assert_is_the_build(home)
    for number in range(1, 13):
        day = FIRST + timedelta(chance.randrange(100))
        kinds: list[tuple[list[str], dict[str, date | None]]] = [
            ([], {}),
            _append(number),
            _restate(number, day),
            ([f"DELETE FROM marts.days WHERE session_date = DATE '{day}' AND name = 'name 2'"], {"days": day}),
            ([f"INSERT INTO marts.names VALUES ('new {number}')"], {"names": changes.EVERYTHING}),
            ([f"UPDATE marts.notes SET text = 'again {number}' WHERE number = 3"], {"notes": changes.EVERYTHING}),
            ([f"UPDATE marts.notes SET text = 'other {number}' WHERE session_date >= DATE '{day}'"], {"notes": day}),
        ]
        statements, found = [], dict[str, date | None]()
        for more, since in chance.sample(kinds, 2):
            statements += more
            found |= {mart: min(of, found.get(mart) or of) for mart, of in since.items() if of}
        before = generations.published(home)
        now = evenings.publish(*statements, found=found)
        assert before is not None and now.receipt["begun_on"] in (before.name, None)
        assert_is_the_build(home)
    assert len(generations.all_generations(home)) == generations.KEEP


def test_files_of_years_that_nobody_touched_are_shared(home: Home, evenings: Evenings) -> None:
    first = evenings.publish()
    (statement,), found = _append(1)
    second = evenings.publish(statement, found=found)
    same = {
        path for path in second.receipt["files"]
        if (first.path / path).exists() and (first.path / path).samefile(second.path / path)
    }  # fmt: skip
    assert same == {f"parquet/{file}" for file in (
        "days/2023.parquet", "names/all.parquet", "notes/2023.parquet", "notes/2024.parquet", "notes/undated.parquet", "still/all.parquet",
    )}  # fmt: skip
    wrote = "SELECT value::VARCHAR FROM parquet_kv_metadata(?) WHERE key = 'generation'"
    for path, name in (("days/2023", first.name), ("days/2024", second.name), ("meta/receipt", second.name)):
        assert duckdb.execute(wrote, [f"{second.path}/parquet/{path}.parquet"]).fetchall() == [(name,)]
    generations.discard(first.path)
    assert {(second.path / path).stat().st_mode & 0o777 for path in same} == {0o444}
    assert_is_the_build(home)


def test_where_there_are_no_links_files_are_copied(
    home: Home, evenings: Evenings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refused)
    first = evenings.publish()
    second = evenings.publish()
    one, other = (generation.path / "parquet/days/2023.parquet" for generation in (first, second))
    assert not one.samefile(other) and file_sha256(one) == file_sha256(other)
    assert_is_the_build(home)


def test_a_damaged_file_is_not_handed_on(home: Home, evenings: Evenings) -> None:
    first = evenings.publish()
    damaged = first.path / "parquet/days/2023.parquet"
    damaged.chmod(0o644)
    damaged.write_bytes(b"other")
    second = evenings.publish()
    assert second.receipt["begun_on"] == first.name
    assert_is_the_build(home)
    assert generations.check(first.path) == [f"{damaged}: its bytes are not those that were published"]


def test_only_the_generation_of_the_build_before_is_taken_over(home: Home, evenings: Evenings) -> None:
    assert evenings.publish().receipt["begun_on"] is None, "the first"
    (statement,), found = _append(1)
    evenings.built(statement, found=found)  # never published
    assert evenings.publish().receipt["begun_on"] is None, "what is published is older than the build this one began on"
    assert_is_the_build(home)
    assert evenings.publish(code="2").receipt["begun_on"] is None, "by other code"
    assert evenings.publish(code="2", rebuild=True).receipt["begun_on"] is None, "made whole"
    before = generations.published(home)
    assert before is not None and evenings.publish(code="2").receipt["begun_on"] == before.name


def test_a_file_that_is_half_unused_is_written_anew(
    home: Home, evenings: Evenings, monkeypatch: pytest.MonkeyPatch
) -> None:
    evenings.publish()
    monkeypatch.setattr(candidate, "MOST_BLOAT", 0)
    assert evenings.publish().receipt["begun_on"] is None
    assert_is_the_build(home)


def test_rows_that_are_missing_before_what_was_touched_stop_the_publish(evenings: Evenings) -> None:
    """The cheap print: the months that are carried over must have as many rows as they had."""
    evenings.publish()
    real = candidate.write_marts

    def loses_a_row(con: duckdb.DuckDBPyConnection, *rest: Any) -> Any:
        done = real(con, *rest)
        con.execute("DELETE FROM marts.days WHERE name = 'name 0' AND session_date = DATE '2023-12-05'")
        return done

    (statement,), found = _append(1)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(HomeError, match=r"days, 2023-12: .*--rebuild"):
        patch.setattr(candidate, "write_marts", loses_a_row)
        evenings.publish(statement, found=found)


CHANGES_AFTER = {
    "a touched month": "UPDATE marts.days SET value = 7 WHERE session_date = DATE '2024-02-10'",
    "a row of an untouched month": "DELETE FROM marts.still WHERE session_date = DATE '2023-12-05'",
}


@pytest.mark.parametrize("change", CHANGES_AFTER)
def test_what_is_changed_while_meta_is_written_is_not_published(evenings: Evenings, change: str) -> None:
    evenings.publish()
    real = publish.meta.write_after_gate

    def changes_a_mart(con: duckdb.DuckDBPyConnection, *rest: Any) -> None:
        real(con, *rest)
        con.execute(CHANGES_AFTER[change])

    (statement,), found = _append(1)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(HomeError, match="nothing was published"):
        patch.setattr(publish.meta, "write_after_gate", changes_a_mart)
        evenings.publish(statement, found=found)


def test_what_is_changed_once_it_is_judged_is_not_published(home: Home, evenings: Evenings) -> None:
    """A value of an untouched month, which no sum of this evening would show: the bytes of the file do."""
    evenings.publish()

    def between(step: str) -> None:
        if step == "gate.passed":
            (file,) = home.generations.glob(".new-*/updraft.duckdb")
            with duckdb.connect(str(file)) as con:
                con.execute("UPDATE marts.still SET value = 7 WHERE session_date = DATE '2023-12-05'")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(HomeError, match="changed after it was judged"):
        patch.setattr(publish.crash_points, "reach", between)
        evenings.publish()
    assert not list(home.generations.glob(".new-*"))


def _value(found: dict[str, dict[date | None, content.Sums]]) -> None:
    sums = found["still"][date(2023, 12, 1)]
    found["still"][date(2023, 12, 1)] = content.Sums(sums.rows, sums.first + 1, sums.second)


def _month(found: dict[str, dict[date | None, content.Sums]]) -> None:
    held = found["notes"]
    held[date(2023, 12, 1)], held[None] = (
        content.Sums(held[date(2023, 12, 1)].rows, held[None].first, 0),
        content.Sums(held[None].rows, 1, 1),
    )


@pytest.mark.parametrize(
    ("spoil", "named"),
    [(_value, ["still, 2023-12"]), (_month, ["notes, rows without a session", "notes, 2023-12"])],
)
def test_verify_names_the_month_whose_carried_hash_is_wrong(
    evenings: Evenings, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Any], None], named: list[str]
) -> None:
    evenings.publish()
    real = content.told

    def spoilt(con: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, content.Months]:
        found: Any = real(con, catalog)
        if catalog == "previous":
            spoil(found)
        return dict(found)

    monkeypatch.setattr(content, "told", spoilt)
    now = evenings.publish()
    assert generations.check(now.path) == [], "the files are what was published"
    problems = content.check(now.path)
    mart = named[0].split(",")[0]
    file = now.path / "updraft.duckdb"
    assert problems == [
        *(f"{file}: {one}: not the rows that were published" for one in named),
        f"{file}: {mart}: its rows are not those of its content hash",
    ]
