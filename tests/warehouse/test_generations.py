"""Generations: the one flip, receipts, pruning, leftovers; and the hash that says two builds are the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pytest

from warehouse import generations
from warehouse.content import combined, content_hash, content_hashes
from warehouse.database import reader
from warehouse.errors import HomeError
from warehouse.files import file_sha256
from warehouse.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare("sample")
    return home


def made(home: Home, number: int) -> Path:
    """A finished generation with a table that holds its number."""
    folder = home.generations / f"{number:06d}-{number:08x}"
    (folder / "parquet").mkdir(parents=True)
    with duckdb.connect(str(folder / "updraft.duckdb")) as con:
        con.execute(f"CREATE SCHEMA marts; CREATE TABLE marts.m AS SELECT {number} AS n")
    (folder / "parquet" / "m.parquet").write_bytes(b"twin")
    names = ("updraft.duckdb", "parquet/m.parquet")
    receipt = {"files": {name: file_sha256(folder / name) for name in names}, "as_of": "2026-01-15"}
    receipt["receipt_sha256"] = generations.receipt_hash(receipt)
    (folder / "receipt.json").write_bytes(generations.receipt_text(receipt))
    generations.seal(folder)
    return folder


def test_the_flip_is_one_relative_link(home: Home, tmp_path: Path) -> None:
    assert generations.published(home) is None
    for number in (1, 2):
        finished = made(home, number)
        generations.flip(home, finished)
        assert home.current.readlink() == Path("generations") / finished.name
        assert home.door.readlink() == Path("current/updraft.duckdb")
        found = generations.published(home)
        assert found is not None and found.name == finished.name and found.receipt["as_of"] == "2026-01-15"
        with reader(home.door) as con:
            assert con.execute("FROM marts.m").fetchall() == [(number,)]
    moved = Home(home.root.rename(tmp_path / "moved"))
    with reader(moved.door) as con:
        assert con.execute("FROM marts.m").fetchall() == [(2,)], "a home can be moved as a whole"


def test_a_reader_keeps_its_generation_and_the_next_gets_the_newest(home: Home) -> None:
    generations.flip(home, made(home, 1))
    with reader(home.door) as old:
        generations.flip(home, made(home, 2))
        with reader(home.door) as new:
            assert (old.execute("FROM marts.m").fetchone(), new.execute("FROM marts.m").fetchone()) == ((1,), (2,))
        generations.prune(home, keep=1)
        assert old.execute("FROM marts.m").fetchone() == (1,)


def test_there_is_no_moment_without_a_generation(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every system call of the flip, readers find the old or the new file behind the door."""
    generations.flip(home, made(home, 1))
    finished = made(home, 2)
    seen: list[int] = []

    def served() -> int:
        with duckdb.connect(str(home.door.resolve(strict=True)), read_only=True) as con:
            return int(con.execute("FROM marts.m").fetchall()[0][0])

    def look(real):  # type: ignore[no-untyped-def]
        def looked(*args: object, **kwargs: object) -> object:
            seen.append(served())
            result = real(*args, **kwargs)
            seen.append(served())
            return result

        return looked

    for name in ("symlink_to", "rename", "unlink"):
        monkeypatch.setattr(Path, name, look(getattr(Path, name)))
    monkeypatch.setattr(os, "fsync", look(os.fsync))
    generations.flip(home, finished)
    assert seen == sorted(seen) and set(seen) == {1, 2}


def test_a_run_killed_at_the_flip_leaves_a_door(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run has nothing new to publish, so nobody would make it later."""

    class Killed(BaseException):
        pass

    def die(step: str) -> None:
        raise Killed

    monkeypatch.setattr(generations.crash_points, "reach", die)
    with pytest.raises(Killed):
        generations.flip(home, made(home, 1))
    with reader(home.door) as con:
        assert con.execute("FROM marts.m").fetchall() == [(1,)]


def test_a_sound_generation_has_no_problem(home: Home) -> None:
    assert generations.check(made(home, 1)) == []


def _flip_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGE = {
    "bit": (lambda g: _flip_bit(g / "updraft.duckdb"), "its bytes are not those that were published"),
    "twin": (lambda g: (g / "parquet/m.parquet").write_bytes(b"other"), "its bytes are not those"),
    "cut": (lambda g: (g / "updraft.duckdb").write_bytes(b""), "its bytes are not those"),
    "missing": (lambda g: (g / "parquet/m.parquet").unlink(), "m.parquet: missing"),
    "stray": (lambda g: (g / "updraft.duckdb.wal").write_bytes(b""), "does not belong to the generation"),
    "stray-below": (lambda g: (g / "parquet/n.parquet").write_bytes(b""), "does not belong to the generation"),
    "receipt": (
        lambda g: (g / "receipt.json").write_text((g / "receipt.json").read_text().replace("01-15", "01-16")),
        "was changed after it was written",
    ),
    "no-receipt": (lambda g: (g / "receipt.json").unlink(), "unreadable"),
    "empty-receipt": (lambda g: (g / "receipt.json").write_text(""), "unreadable"),
    "list-receipt": (lambda g: (g / "receipt.json").write_text("[1]"), "unreadable"),
    "no-files": (lambda g: (g / "receipt.json").write_text('{"files": null}'), "unreadable"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_every_change_is_found(home: Home, kind: str) -> None:
    generation = made(home, 1)
    generations.make_writable(generation)
    for path in generation.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    damage, problem = DAMAGE[kind]
    damage(generation)
    (found,) = generations.check(generation)
    assert problem in found and str(generation) in found


def test_a_receipt_and_its_hash_changed_together_still_differ_from_the_files(home: Home) -> None:
    generation = made(home, 1)
    generations.make_writable(generation)
    path = generation / "receipt.json"
    path.chmod(0o644)
    receipt = json.loads(path.read_text())
    receipt["files"]["updraft.duckdb"] = "0" * 64
    receipt["receipt_sha256"] = generations.receipt_hash({k: v for k, v in receipt.items() if k != "receipt_sha256"})
    path.write_bytes(generations.receipt_text(receipt))
    assert generations.check(generation) == [
        f"{generation}/updraft.duckdb: its bytes are not those that were published"
    ]


def test_sealed_files_are_read_only(home: Home) -> None:
    generation = made(home, 1)
    modes = {path.stat().st_mode & 0o777 for path in generation.rglob("*") if path.is_file()}
    assert modes == {0o444}
    assert {p.stat().st_mode & 0o777 for p in (generation, generation / "parquet")} == {0o555}


def test_pruning_keeps_the_newest_and_the_current(home: Home) -> None:
    made_all = [made(home, number) for number in range(1, 8)]
    generations.flip(home, made_all[1])
    assert generations.prune(home, keep=3) == [path.name for path in (made_all[0], *made_all[2:4])]
    assert generations.all_generations(home) == [made_all[1], *made_all[4:]]
    assert generations.prune(home, keep=3) == []
    assert generations.next_counter(home) == 8


def test_half_a_removal_is_no_generation(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while it removes: what is left must not carry a generation's name."""
    generations.flip(home, made(home, 2))
    doomed = made(home, 1)
    monkeypatch.setattr(generations.shutil, "rmtree", lambda path: (path / "updraft.duckdb").unlink())
    generations.prune(home, keep=1)
    monkeypatch.undo()
    assert doomed not in generations.all_generations(home)
    generations.sweep(home)
    assert [path.name for path in home.generations.iterdir()] == ["000002-00000002"]


def test_leftovers_are_swept_and_nothing_else(home: Home) -> None:
    generations.flip(home, made(home, 1))
    half = home.generations / ".new-20260115"
    (half / "parquet").mkdir(parents=True)
    (half / "updraft.duckdb").write_bytes(b"half")
    generations.seal(half)
    (home.root / ".current-123").symlink_to("generations/nowhere")
    generations.sweep(home)
    assert sorted(p.name for p in home.generations.iterdir()) == ["000001-00000001"]
    assert not [p for p in home.root.iterdir() if p.name.startswith(".current")]
    assert generations.published(home) is not None


def test_names_that_are_not_ours_are_left_alone(home: Home) -> None:
    made(home, 999_999)
    newest = made(home, 1_000_000)
    for name in ("lost+found", "backup", "000001"):
        (home.generations / name).mkdir()
    assert [p.name for p in generations.all_generations(home)] == ["999999-000f423f", newest.name]
    assert generations.next_counter(home) == 1_000_001


@pytest.mark.parametrize("text", [None, "", "{", "[1]"])
def test_a_generation_without_a_readable_receipt_is_an_error(home: Home, text: str | None) -> None:
    generation = made(home, 1)
    generations.flip(home, generation)
    generations.make_writable(generation)
    (generation / "receipt.json").unlink()
    if text is not None:
        (generation / "receipt.json").write_text(text)
    with pytest.raises(HomeError, match="updraft doctor"):
        generations.published(home)


def hashed(sql: str, threads: int = 1) -> str:
    with duckdb.connect(config={"threads": str(threads)}) as con:
        con.execute("SET TimeZone = 'UTC'; CREATE SCHEMA marts")
        con.execute(f"CREATE TABLE marts.m AS {sql}")
        return content_hash(con, "m")


MANY = "SELECT range AS n, sin(range) AS x, md5(range::VARCHAR) AS s, to_timestamp(range) AS t FROM range(10000)"


def test_the_content_hash_knows_no_order_and_no_threads() -> None:
    told = {hashed(f"{MANY} ORDER BY {order}", threads) for order in ("n", "s", "x DESC") for threads in (1, 2, 4)}
    assert len(told) == 1


ONE = "SELECT 1 AS n, 'a' AS s"
DIFFERENT = {
    "value": "SELECT 2 AS n, 'a' AS s",
    "null": "SELECT 1 AS n, NULL::VARCHAR AS s",
    "empty text": "SELECT 1 AS n, '' AS s",
    "null word": "SELECT 1 AS n, 'NULL' AS s",
    "column name": "SELECT 1 AS m, 'a' AS s",
    "column type": "SELECT 1::BIGINT AS n, 'a' AS s",
    "column order": "SELECT 'a' AS s, 1 AS n",
    "column lost": "SELECT 1 AS n",
    "row twice": f"{ONE} UNION ALL {ONE}",
    "no row": f"{ONE} LIMIT 0",
    "moved text": "SELECT 1 AS n, 'a ' AS s",
    "last bit": "SELECT 0.1::DOUBLE AS n, 'a' AS s",
    "other last bit": "SELECT '1e-1'::DOUBLE AS n, 'a' AS s",
    "next double": "SELECT 0.10000000000000002::DOUBLE AS n, 'a' AS s",
    "minus zero": "SELECT '-0.0'::DOUBLE AS n, 'a' AS s",
    "zero": "SELECT 0.0::DOUBLE AS n, 'a' AS s",
    "nan": "SELECT 'nan'::DOUBLE AS n, 'a' AS s",
}


def test_the_content_hash_tells_contents_apart() -> None:
    told = {name: hashed(sql) for name, sql in {"one": ONE, **DIFFERENT}.items()}
    assert told["last bit"] == told["other last bit"], "the same double"
    assert len(set(told.values())) == len(told) - 1


def test_swapped_cells_are_told_apart() -> None:
    """A hash by column would miss it."""
    one = hashed("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(n, s)")
    assert one != hashed("SELECT * FROM (VALUES (1, 'b'), (2, 'a')) v(n, s)")


def test_hashes_of_all_marts_are_one_hash() -> None:
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA marts; CREATE TABLE marts.a AS SELECT 1 AS n; CREATE TABLE marts.b AS SELECT 1 AS n")
        told = content_hashes(con, ["b", "a"])
        assert list(told) == ["a", "b"] and told["a"] != told["b"], "the name is part of it"
        assert combined(told) == combined(dict(reversed(told.items())))
        assert combined(told) != combined({"a": told["b"], "b": told["a"]})
