"""Landing: names, immutability, damage of any bit, and what the envelopes say is covered."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import facts as f
import polars as pl
import pytest

from warehouse import landing as landing_module
from warehouse.landing import KEPT_OF_ERRORS, Landing, LandingError, Pack


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


def written(landing: Landing, *received: f.Received) -> Pack:
    return Pack(landing.write("facts", received or [f.answer([("A", f.day(1), 1.0)], f.at(0))]), "facts")


def test_a_pack_is_named_after_its_bytes_and_newest_answer(landing: Landing) -> None:
    pack = written(landing, f.answer([], f.at(2)), f.answer([], f.at(1), series="B"))
    when, sha256 = pack.path.stem.split("-")
    assert sha256 == hashlib.sha256(pack.path.read_bytes()).hexdigest()
    assert when == pack.time == "20260110T140000000000Z"
    assert pack.path.stat().st_mode & 0o777 == 0o444
    assert landing.verify() == []


def test_what_was_landed_comes_back(landing: Landing) -> None:
    first = f.answer([("A", f.day(1), 1.0)], f.at(0), series="B")
    second = f.failed("error", f.at(1), series="A")
    pack = written(landing, first, second)
    (request, outcome, sha256, fetched_at, body), other = landing.answers(pack)
    assert request == first.request
    assert (outcome, sha256, fetched_at) == ("data", first.sha256, first.fetched_at)
    assert first.answer is not None and body == first.answer.body
    assert (other[0].series, other[1], other[2], other[4]) == ("A", "error", None, None)
    assert landing.oldest(pack) == f.at(0)


def test_the_same_answers_are_one_pack(landing: Landing) -> None:
    one, two = written(landing), written(landing)
    assert one == two and landing.packs("facts") == [one]


def test_bodies_of_errors_are_cut_and_data_is_whole(landing: Landing) -> None:
    long = b"x" * (KEPT_OF_ERRORS + 1)
    pack = written(landing, f.answer(long, f.at(0)), f.answer(long, f.at(1), outcome="error"))
    assert [len(body) for *_, body in landing.answers(pack)] == [KEPT_OF_ERRORS + 1, KEPT_OF_ERRORS]
    assert landing.verify() == []


def damaged(pack: Pack, data: bytes) -> None:
    pack.path.chmod(0o644)
    pack.path.write_bytes(data)


def assert_damage_is_found(landing: Landing, pack: Pack) -> None:
    (problem,) = landing.verify()
    assert str(pack.path) in problem and "delete it and run again" in problem
    for use in (lambda: list(landing.answers(pack)), lambda: landing.covered("facts"), lambda: landing.oldest(pack)):
        with pytest.raises(LandingError, match=r"damaged.*run again"):
            use()


def test_every_changed_bit_is_found(landing: Landing) -> None:
    pack = written(landing)
    whole = pack.path.read_bytes()
    for position in random.Random(1).sample(range(len(whole) * 8), 200):
        flipped = bytearray(whole)
        flipped[position // 8] ^= 1 << position % 8
        damaged(pack, bytes(flipped))
        assert_damage_is_found(landing, pack)
    damaged(pack, whole)
    assert landing.verify() == []


def test_every_cut_is_found(landing: Landing) -> None:
    pack = written(landing)
    whole = pack.path.read_bytes()
    for length in [0, 1, 4, len(whole) - 1, *random.Random(2).sample(range(5, len(whole) - 1), 16)]:
        damaged(pack, whole[:length])
        assert_damage_is_found(landing, pack)
    damaged(pack, whole + b"\0")
    assert_damage_is_found(landing, pack)


def test_a_renamed_pack_is_found(landing: Landing) -> None:
    pack = written(landing)
    pack.path.rename(pack.path.with_name("mine.parquet"))
    (problem,) = landing.verify()
    assert "mine.parquet is damaged" in problem


def test_a_body_that_is_not_its_hash_is_found(landing: Landing) -> None:
    """A pack whose own hash is right, written with a wrong body."""
    pack = written(landing)
    frame = pl.read_parquet(pack.path).with_columns(pl.lit(b"other").alias("body"))
    frame.write_parquet(beside := pack.path.with_name("x"))
    pack.path.unlink()
    beside.rename(pack.path.with_name(f"{pack.time}-{hashlib.sha256(beside.read_bytes()).hexdigest()}.parquet"))
    (problem,) = landing.verify()
    assert "the body of A does not match its sha256" in problem


def test_unfinished_files_are_reported_and_not_read(landing: Landing) -> None:
    pack = written(landing)
    (pack.path.parent / f".{pack.name}.123.456").write_bytes(b"half")
    (pack.path.parent / "notes.txt").write_text("hello")
    (pack.path.parent / f"._{pack.name}").write_bytes(b"left by another system")
    problems = landing.verify()
    assert len(problems) == 3 and all("not a pack; an interrupted write, safe to delete" in line for line in problems)
    assert landing.packs("facts") == [pack]
    assert set(landing.covered("facts")) == {"A"}


def test_packs_come_in_the_order_of_time(landing: Landing) -> None:
    for hours in (5, 1, 3):
        written(landing, f.answer([], f.at(hours)))
    assert [pack.time[9:11] for pack in landing.packs("facts")] == ["13", "15", "17"]


Window = tuple[str, float, int, int]


@pytest.mark.parametrize(
    ("answers", "first", "last", "outcome", "seen"),
    [
        ([("data", 0, 1, 10)], 1, 10, "data", 0),
        ([("data", 0, 1, 10), ("data", 24, 5, 11)], 1, 11, "data", 24),
        ([("data", 24, 5, 11), ("data", 0, 1, 10)], 1, 11, "data", 24),
        ([("data", 0, 5, 11), ("data", 24, 1, 10)], 1, 11, "data", 24),
        ([("data", 0, 1, 10), ("error", 24, 1, 31)], 1, 10, "data", 0),
        ([("missing", 0, 1, 10)], 1, 10, "missing", 0),
        ([("missing", 0, 1, 10), ("data", 24, 1, 11)], 1, 11, "data", 24),
        ([("data", 0, 1, 10), ("missing", 24, 5, 11)], 1, 11, "data", 24),
        ([("data", 0, 1, 10), ("empty", 24, 11, 12)], 1, 12, "data", 24),
        ([("empty", 0, 1, 10), ("missing", 24, 1, 11)], 1, 11, "missing", 24),
    ],
)
def test_what_the_answers_cover(
    landing: Landing, answers: list[Window], first: int, last: int, outcome: str, seen: float
) -> None:
    """Failed questions cover nothing; a series that once had data is a series with data."""
    for kind, hours, begin, end in answers:
        written(landing, f.answer(b"x", f.at(hours), "A", kind, f.day(begin), f.day(end)))
    covered = landing.covered("facts")["A"]
    assert (covered.first, covered.last) == (f.day(first), f.day(last))
    assert (covered.outcome, covered.fetched_at) == (outcome, f.at(seen))


def test_answers_of_one_pack_count_in_the_order_of_time(landing: Landing) -> None:
    written(landing, f.answer(b"x", f.at(5), outcome="missing"), f.answer(b"x", f.at(1), outcome="empty"))
    covered = landing.covered("facts")["A"]
    assert (covered.fetched_at, covered.outcome) == (f.at(5), "missing")


def test_errors_alone_cover_nothing(landing: Landing) -> None:
    written(landing, f.failed("error", f.at(0)))
    assert landing.covered("facts") == {}
    assert landing.covered("never asked") == {}


def test_series_are_covered_apart(landing: Landing) -> None:
    written(landing, f.answer(b"x", f.at(0), "A", last=f.day(2)), f.answer(b"x", f.at(1), "B", last=f.day(3)))
    assert {name: mark.last.day for name, mark in landing.covered("facts").items()} == {"A": 2, "B": 3}


def test_the_newest_body_with_data(landing: Landing) -> None:
    assert landing.newest_body("facts") is None
    written(landing, f.answer(b"old", f.at(0)), f.answer(b"new", f.at(5)), f.answer(b"mid", f.at(3)))
    written(landing, f.failed("error", f.at(9)))
    found = landing.newest_body("facts")
    assert found is not None and found[1] == b"new"


def test_moments_keep_their_microseconds(landing: Landing) -> None:
    moment = datetime(2026, 1, 10, 23, 59, 59, 999999, tzinfo=UTC)
    pack = written(landing, f.answer(b"x", moment, first=date(1900, 1, 1)))
    ((request, _, _, fetched_at, _),) = landing.answers(pack)
    assert (fetched_at, request.asked_at, request.first) == (moment, moment, date(1900, 1, 1))


def test_answers_of_nothing_do_not_move_where_data_reached(landing: Landing) -> None:
    """They are counted, and the next answer with data begins the count anew."""
    ten, twenty = date(2026, 1, 10), date(2026, 1, 20)
    written(landing, f.answer([("A", f.day(1), 1.0)], f.at(0), first=f.day(1), last=ten))
    written(landing, *(f.answer([], f.at(n), outcome="empty", first=f.day(1), last=twenty) for n in (1, 2, 3)))
    written(landing, f.failed("error", f.at(4), first=f.day(1), last=twenty))
    mark = landing.covered("facts")["A"]
    assert (mark.last, mark.data_to, mark.nothings, mark.outcome) == (twenty, ten, 3, "data")
    written(landing, f.answer([("A", f.day(1), 1.0)], f.at(5), first=f.day(1), last=twenty))
    mark = landing.covered("facts")["A"]
    assert (mark.data_to, mark.nothings) == (twenty, 0)
    written(landing, *(f.answer([], f.at(n), "B", "missing") for n in (6, 7)))
    assert (landing.covered("facts")["B"].nothings, landing.covered("facts")["B"].data_to) == (2, None)


def test_a_hole_is_kept_until_an_answer_about_its_day_has_none(landing: Landing) -> None:
    def told(hour: int, first: int, last: int, hole: date | None) -> date | None:
        received = f.answer([("A", f.day(1), 1.0)], f.at(hour), first=f.day(first), last=f.day(last))
        written(landing, replace(received, hole=hole))
        return landing.covered("facts")["A"].hole

    assert told(0, 1, 10, f.day(5)) == f.day(5)
    assert told(1, 8, 12, None) == f.day(5), "an answer about later days says nothing about it"
    assert told(2, 8, 14, f.day(9)) == f.day(5), "the oldest is the one to ask for"
    assert told(3, 4, 15, f.day(9)) == f.day(9), "filled, and another one is open"
    assert told(4, 1, 16, None) is None


def test_packs_from_before_holes_were_told_are_read(landing: Landing) -> None:
    pack = written(landing)
    old = pl.read_parquet(pack.path).drop("hole")
    pack.path.unlink()
    landing.keep("facts", old)
    assert landing.covered("facts")["A"].hole is None
    assert landing.envelopes("facts").columns[-2:] == ["hole", "pack"]


def _every_way(root: Path, packs: list[list[f.Received]]) -> dict[str, object]:
    """The marks of a landing whose packs all came before the first question."""
    fresh = Landing(root / "landing")
    for pack in packs:
        written(fresh, *pack)
    return dict(fresh.covered("facts"))


def test_marks_read_only_packs_that_are_new(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    plain = landing_module._checked_bytes
    monkeypatch.setattr(landing_module, "_checked_bytes", lambda pack: read.append(pack.name) or plain(pack))
    first = written(landing, f.answer(b"x", f.at(0), last=f.day(2)))
    assert landing.covered("facts")["A"].last == f.day(2)
    assert landing.covered("facts")["A"].last == f.day(2)
    second = written(landing, f.answer(b"y", f.at(1), last=f.day(3)))
    assert Landing(landing.root).covered("facts")["A"].last == f.day(3)
    assert read == [first.name, second.name]


@pytest.mark.parametrize("seed", range(8))
def test_marks_put_together_pack_by_pack_are_those_of_all_at_once(landing: Landing, tmp_path: Path, seed: int) -> None:
    """Whatever came when: late packs, several answers of one moment, a pack that is gone."""
    draw = random.Random(seed)
    packs = []
    for _ in range(8):
        packs.append(
            [
                replace(
                    f.answer(
                        str(draw.random()).encode(), f.at(draw.randrange(6)), draw.choice("AB"),
                        draw.choice(["data", "empty", "missing", "error"]), f.day(draw.randrange(1, 9)), f.day(draw.randrange(9, 20)),
                    ),
                    hole=draw.choice([None, f.day(9)]),
                )
                for _ in range(draw.randrange(1, 3))
            ]
        )  # fmt: skip
        written(landing, *packs[-1])
        assert landing.covered("facts") == _every_way(tmp_path / f"{len(packs)}", packs)
    gone = landing.packs("facts")[draw.randrange(len(landing.packs("facts")))]
    moved = gone.path.rename(tmp_path / gone.name)
    without = dict(landing.covered("facts"))
    moved.rename(gone.path)
    assert landing.covered("facts") == _every_way(tmp_path / "all", packs)
    gone.path.unlink()
    (tmp_path / "tmp" / "marks" / "facts.json").unlink()
    assert landing.covered("facts") == without


def test_a_note_of_marks_with_a_changed_bit_is_made_anew(landing: Landing, tmp_path: Path) -> None:
    written(landing, f.answer(b"x", f.at(0), last=f.day(2)))
    before = landing.covered("facts")
    note = tmp_path / "tmp" / "marks" / "facts.json"
    note.write_bytes(note.read_bytes().replace(b"2026-01-02", b"2026-01-09"))
    assert landing.covered("facts") == before
