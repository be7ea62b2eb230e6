"""What a generation tells of changes: facts visible in this build and not in the published one, by when they were known."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import facts as f

from warehouse import decisions, meta
from warehouse.candidate import BuildFacts
from warehouse.landing import Landing

YEARS_LATER = f.at(24 * 365 * 5)


def facts_at(as_of: datetime, code: str = "a") -> BuildFacts:
    return BuildFacts("b", as_of, "sample", "sample", "core", "wall", code, "i", as_of)


def told(
    store: f.Store, to: Path, previous: Path | None, as_of: datetime = YEARS_LATER, code: str = "a"
) -> list[f.Row]:
    """The revisions of a build as of a moment, compared with the file of an earlier one."""
    facts = facts_at(as_of, code)
    with duckdb.connect(str(to)) as con:
        con.execute("SET TimeZone = 'UTC'")
        decided = decisions.read(store.home.root)
        meta.write_before_gate(con, store.home.build, [store.source], facts, decided, previous)
        con.execute("CREATE TABLE meta.receipt AS SELECT ? AS as_of, ? AS code_version", [str(as_of), code])
        return con.execute(
            "SELECT entity, day(observed), kind, fetched_at FROM meta.revisions WHERE dataset <> 'code'"
        ).fetchall()


def test_the_same_bytes_once_more_are_no_revision(tmp_path: Path) -> None:
    store = f.Store(tmp_path / "home")
    first, second, third = (tmp_path / f"{n}.duckdb" for n in range(3))
    same = [("A", f.day(5), 1.0), ("A", f.day(6), 2.0)]
    store.take(f.answer(same, f.at(0)))
    assert told(store, first, None, f.at(1)) == []
    store.take(f.answer(same, f.at(1)))
    assert told(store, second, first, f.at(2)) == []
    store.take(f.answer(same, f.at(2)), f.answer([("A", f.day(6), 2.5), ("A", f.day(12), 3.0)], f.at(3)))
    assert told(store, third, second, f.at(72)) == [("A", 6, "vintage", f.at(3)), ("A", 12, "new", f.at(3))]


def test_a_revision_is_told_by_the_build_that_shows_it_not_by_the_run_that_fetched_it(tmp_path: Path) -> None:
    store = f.Store(tmp_path / "home")
    first, second, third, fourth = (tmp_path / f"{n}.duckdb" for n in range(4))
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    told(store, first, None, f.at(1))
    store.take(f.answer([("A", f.day(5), 1.5)], f.at(10)))  # fetched after the as-of of the build that follows
    assert told(store, second, first, f.at(9)) == []
    assert told(store, third, second, f.at(20)) == [("A", 5, "vintage", f.at(10))]
    assert told(store, fourth, third, f.at(21)) == []
    assert told(store, tmp_path / "late.duckdb", first, f.at(21)) == [("A", 5, "vintage", f.at(10))], "after refusals"


def test_what_was_public_before_and_is_held_only_now_has_arrived_late(tmp_path: Path) -> None:
    store = f.Store(tmp_path / "home")
    first, second = tmp_path / "1.duckdb", tmp_path / "2.duckdb"
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0), first=f.day(5), last=f.day(5)))
    told(store, first, None, f.at(1))
    store.take(f.answer([("A", f.day(6), 2.0), ("A", f.day(10), 3.0)], f.at(9), first=f.day(6), last=f.day(10)))
    assert told(store, second, first, f.at(10)) == [("A", 6, "late_arrival", f.at(9)), ("A", 10, "new", f.at(9))]


def test_a_bar_no_longer_listed_still_counts_and_is_told(tmp_path: Path) -> None:
    store = f.Store(tmp_path / "home", f.source(cadence="session", series_column="symbol"))
    first, second = tmp_path / "1.duckdb", tmp_path / "2.duckdb"
    three = [("A", f.day(n), float(n)) for n in (5, 6, 7)]
    store.take(f.answer(three, f.at(0)))
    told(store, first, None, f.at(1))
    store.take(f.answer([three[0], three[2]], f.at(2)))
    assert told(store, second, first, f.at(3)) == [("A", 6, "vendor_rewrite", f.at(2))]
    assert store.rows("SELECT day(day) FROM raw.facts ORDER BY 1") == [(5,), (6,), (7,)]
    again = f.Store(tmp_path / "again", store.source)
    again.take(f.answer([three[0], three[2]], f.at(2)), f.answer(three, f.at(0)))
    with duckdb.connect(str(store.home.build), read_only=True) as one, duckdb.connect(str(again.home.build)) as other:
        held = "SELECT entity, observed FROM raw.unlisted"
        assert one.execute(held).fetchall() == other.execute(held).fetchall() == [("A", f.day(6))]


def test_an_answer_set_aside_is_kept_unused_and_told_with_its_reason(tmp_path: Path) -> None:
    store = f.Store(tmp_path / "home")
    first, second, third = (tmp_path / f"{n}.duckdb" for n in range(3))
    good, bad = f.answer([("A", f.day(5), 1.0)], f.at(0)), f.answer([("A", f.day(5), 99.0)], f.at(2))
    store.take(good, bad)
    told(store, first, None, f.at(3))
    packs = sorted(p.name for p in store.home.landing.rglob("*.parquet"))

    decisions.add(store.home.root, "set_aside", "facts", bad.sha256, "a typing error", f.at(4))
    store.load()
    assert told(store, second, first, f.at(5)) == [("A", 5, "set_aside", f.at(2))]
    with duckdb.connect(str(store.home.build), read_only=True) as con:
        assert con.execute("SELECT value FROM raw.facts").fetchall() == [(1.0,)]
        assert con.execute("SELECT value, rule, because FROM quarantine.facts").fetchall() == [
            (99.0, "set_aside", "a typing error")
        ]
    assert sorted(p.name for p in store.home.landing.rglob("*.parquet")) == packs, "bytes are kept"
    assert Landing(store.home.landing).covered("facts")["A"].fetched_at == f.at(0), "what is set aside covers nothing"

    decisions.add(store.home.root, "restored", "facts", bad.sha256, "it was right", f.at(6))
    store.load()
    assert told(store, third, second, f.at(7)) == [("A", 5, "restored", f.at(2))]


def test_another_version_of_the_code_is_told(tmp_path: Path) -> None:
    store = f.Store(tmp_path / "home")
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    told(store, tmp_path / "1.duckdb", None, f.at(1), code="one")
    told(store, tmp_path / "2.duckdb", tmp_path / "1.duckdb", f.at(1) + timedelta(hours=1), code="two")
    with duckdb.connect(str(tmp_path / "2.duckdb")) as con:
        assert con.execute("SELECT dataset, entity, kind FROM meta.revisions").fetchall() == [("code", "two", "method")]


def test_a_series_asked_anew_has_no_mark(tmp_path: Path) -> None:
    store = f.Store(tmp_path / "home")
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    decisions.add(store.home.root, "ask_anew", "facts", "A", "the split came late", f.at(1))
    assert Landing(store.home.landing).covered("facts") == {}
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(2)))
    assert Landing(store.home.landing).covered("facts")["A"].fetched_at == f.at(2)
