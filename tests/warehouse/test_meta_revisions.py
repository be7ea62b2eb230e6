"""What a generation says was new or changed since the one before: by answer, never by bytes alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import facts as f

from warehouse import meta


def revisions(store: f.Store, to: Path, previous: Path | None) -> list[f.Row]:
    with duckdb.connect(str(to)) as con:
        con.execute("SET TimeZone = 'UTC'")
        meta.write_before_gate(con, store.home.build, [store.source], previous)
        return con.execute("SELECT entity, day(observed), kind, fetched_at FROM meta.revisions").fetchall()


def test_the_same_bytes_once_more_are_no_revision(tmp_path: Path) -> None:
    store = f.Store(tmp_path / "home")
    first, second, third = (tmp_path / f"{n}.duckdb" for n in range(3))
    same = [("A", f.day(5), 1.0), ("A", f.day(6), 2.0)]
    store.take(f.answer(same, f.at(0)))
    assert revisions(store, first, None) == []
    store.take(f.answer(same, f.at(1)))
    assert revisions(store, second, first) == []
    store.take(f.answer(same, f.at(2)), f.answer([("A", f.day(6), 2.5), ("A", f.day(12), 3.0)], f.at(3)))
    assert revisions(store, third, second) == [("A", 6, "vintage", f.at(3)), ("A", 12, "new", f.at(3))]
