"""One changed byte anywhere in what is kept is found by what ``updraft verify`` runs; so is a cut at any length."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_warehouse
from stage import Stage

from orchestration.health import verify_home
from warehouse import generations
from warehouse.database import read_build
from warehouse.errors import HomeError
from warehouse.home import Home
from warehouse.landing import Landing

FLIPS = 40
Kind = tuple[Callable[[Home], Path], Callable[[Home, Path], list[str]]]


def of_generation(home: Home, path: Path) -> list[str]:
    return generations.check(next(p for p in generations.all_generations(home) if path.is_relative_to(p)))


KINDS: dict[str, Kind] = {  # the file, and the part of verify_home that looks at it
    "landing pack": (
        lambda home: next((home.landing / "facts").glob("*.parquet")),
        lambda home, _: Landing(home.landing).verify(),
    ),
    "build file": (lambda home: home.build, lambda home, _: read_build(home)),
    "generation": (lambda home: home.current.resolve() / "updraft.duckdb", of_generation),
    "parquet twin": (lambda home: home.current.resolve() / "parquet" / "lines" / "all.parquet", of_generation),
    "page": (lambda home: home.current.resolve() / "index.html", of_generation),
    "receipt": (lambda home: home.current.resolve() / "receipt.json", of_generation),
    "older generation": (lambda home: generations.all_generations(home)[0] / "updraft.duckdb", of_generation),
}


@pytest.fixture
def kept(stage: Stage, home: Home) -> Home:
    """Two editions, so that the build file has blocks which no table uses any more."""
    assert stage.act("refresh", home.root, 2).value
    assert verify_home(home) == []
    return home


@pytest.mark.parametrize("kind", KINDS)
def test_each_flipped_byte_is_found(kept: Home, kind: str) -> None:
    (find, look) = KINDS[kind]
    path = find(kept)
    path.chmod(0o644)
    whole = path.read_bytes()
    chance = random.Random(kind)
    missed = []
    for _ in range(FLIPS):
        at, by = chance.randrange(len(whole)), chance.randrange(1, 256)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :])
        if not any(str(path) in problem for problem in look(kept, path)):
            missed.append((at, by))
    assert missed == [], f"{len(missed)} of {FLIPS} flips in the {kind} were not found"
    assert any(str(path) in problem for problem in verify_home(kept)), "the last of them, by the whole of verify"
    path.write_bytes(whole)
    assert verify_home(kept) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_cut_is_found(kept: Home, kind: str) -> None:
    (find, look) = KINDS[kind]
    path = find(kept)
    path.chmod(0o644)
    whole = path.read_bytes()
    for length in (0, 1, *random.Random(kind).sample(range(2, len(whole) - 1), 17), len(whole) - 1):
        path.write_bytes(whole[:length])
        assert any(str(path) in problem for problem in look(kept, path)), f"{kind} cut at {length}"


def test_each_changed_space_of_a_receipt_is_found(kept: Home) -> None:
    """JSON means the same with a tab for a space; the receipt is not the same bytes."""
    path = KINDS["receipt"][0](kept)
    path.chmod(0o644)
    whole = path.read_bytes()
    for at in [n for n, byte in enumerate(whole) if byte in b" \n"]:
        path.write_bytes(whole[:at] + b"\t" + whole[at + 1 :])
        assert generations.check(path.parent), f"position {at}"


def test_the_seal_is_kept_by_sessions_that_change_nothing_and_broken_by_others(stage: Stage, kept: Home) -> None:
    sealed = kept.seal.read_text()
    assert not stage.act("load", kept.root, 2).error
    assert kept.seal.read_text() == sealed, "nothing was loaded"
    assert not stage.act("fetch", kept.root, 3).error
    assert not stage.act("load", kept.root, 3).error
    assert not kept.seal.exists(), "the file is another now; the next compute seals it"
    assert verify_home(kept) == []
    assert stage.act("compute", kept.root, 3, die_at="dbt.done").code < 0
    assert verify_home(kept) == []
    assert not stage.act("compute", kept.root, 3).error
    assert kept.seal.read_text() != sealed and read_build(kept) == []


def test_damage_in_the_build_is_not_published(stage: Stage, kept: Home) -> None:
    """A flip in each block: met while the marts are copied, or in a block they do not use. The next runs rebuild."""
    whole = kept.build.read_bytes()
    before = generations.published(kept)
    assert before is not None
    stopped = 0
    for at in range(12_288 + 2**17, len(whole), 2**18):
        kept.build.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        ended = stage.act("publish", kept.root, 2)
        stopped += bool(ended.error)
        assert tiny_warehouse.served(kept) == 2
        now = generations.published(kept)
        assert now is not None and generations.check(now.path) == []
        assert now.receipt["content"] == before.receipt["content"]
    assert stopped >= 1, "some block holds what is published"
    for _ in range(2):
        again = stage.act("refresh", kept.root, 3)
        if not again.error:
            break
        assert "Run again" in again.text, again
    assert tiny_warehouse.served(kept) == 3
    assert verify_home(kept) == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", None])
def test_a_damaged_receipt_holds_no_run(stage: Stage, kept: Home, damage: bytes | None) -> None:
    """The database of the generation says the same of itself; the next run replaces what is damaged."""
    before = generations.published(kept)
    assert before is not None
    path = before.path / "receipt.json"
    before.path.chmod(0o755)
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    found = generations.published(kept)
    assert found is not None and found.receipt.items() <= before.receipt.items() and found.receipt["as_of"]
    assert generations.check(found.path)
    assert not stage.act("refresh", kept.root, 2).error
    now = generations.published(kept)
    assert now is not None and now.path != before.path and generations.check(now.path) == []
    assert now.receipt["content"] == before.receipt["content"]


def test_a_generation_that_says_nothing_of_itself_is_an_error(kept: Home) -> None:
    now = generations.published(kept)
    assert now is not None
    for name in ("receipt.json", "updraft.duckdb"):
        (now.path / name).chmod(0o644)
        (now.path / name).write_bytes(b"")
    with pytest.raises(HomeError, match="updraft doctor"):
        generations.published(kept)
