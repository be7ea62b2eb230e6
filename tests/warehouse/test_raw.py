"""Facts become versions: schema, quarantine, revisions, late arrivals, snapshots, and one result for any order."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import facts as f
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingestion import plausible
from ingestion.source import Column, Plausible, RowRule, VendorError
from warehouse import raw, versions
from warehouse.database import build_session
from warehouse.landing import LandingError

LAG, SEEN, LATE = "lag_rule", "first_seen", "late_arrival"


def in_memory() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:", config={"threads": "1"})
    con.execute("SET TimeZone = 'UTC'")
    return con


@pytest.fixture
def store(tmp_path: Path) -> Iterator[f.Store]:
    with in_memory() as con:
        yield f.Store(tmp_path, None, con)


@pytest.fixture
def list_of_members(tmp_path: Path) -> Iterator[f.Store]:
    with in_memory() as con:
        yield f.Store(tmp_path, f.members(), con)


@pytest.fixture
def filed(tmp_path: Path) -> f.Store:
    """With a real build file, a session for each step."""
    return f.Store(tmp_path)


def test_a_fact_has_its_provenance(store: f.Store) -> None:
    landed = f.answer([("A", f.day(5), 1.5)], f.at(0))
    report = store.take(landed)
    assert (report.packs, report.rows_new, report.rows_revised, report.rows_quarantined) == (1, 1, 0, 0)
    ((symbol, day, value, known, kind, seen, fetched, vendor, sha256),) = store.rows("FROM raw.facts")
    assert (symbol, day, value) == ("A", f.day(5), 1.5)
    assert (known, kind) == (f.evening_of(5), LAG)
    assert (seen, fetched, vendor, sha256) == (f.at(0), f.at(0), "vendor", landed.sha256)


def test_tables_have_the_declared_types(tmp_path: Path) -> None:
    columns = {name: Column(dtype, "id", "") for name, dtype in {
        "symbol": pl.String(), "day": pl.Date(), "f": pl.Float64(), "i": pl.Int64(), "j": pl.Int32(),
        "b": pl.Boolean(), "t": pl.Datetime("us", "UTC"),
    }.items()}  # fmt: skip
    store = f.Store(tmp_path, f.source(columns=columns, rules=()))
    store.load()
    described = {row[0]: row[1] for row in store.rows("DESCRIBE raw.facts")}
    assert list(described)[:7] == list(columns)
    assert [described[name] for name in "fijbt"] == [
        "DOUBLE", "BIGINT", "INTEGER", "BOOLEAN", "TIMESTAMP WITH TIME ZONE",
    ]  # fmt: skip
    assert described == {row[0]: row[1] for row in store.rows("DESCRIBE raw.facts_superseded")}


@pytest.mark.parametrize("change", ["renamed", "retyped", "lost", "added"])
def test_a_parser_that_returns_another_schema_is_stopped(tmp_path: Path, change: str) -> None:
    good = f.source()

    def parse(body: bytes, request: Any) -> pl.DataFrame:
        frame = good.parse(body, request)
        return {
            "renamed": frame.rename({"value": "price"}),
            "retyped": frame.with_columns(pl.col("value").cast(pl.String)),
            "lost": frame.drop("value"),
            "added": frame.with_columns(pl.lit(1).alias("extra")),
        }[change]

    store = f.Store(tmp_path, f.source(parse=parse))
    store.land(f.answer([("A", f.day(5), 1.5)], f.at(0)))
    with pytest.raises(VendorError, match="parse must return the declared columns"):
        store.load()
    assert store.everything() == ([], [])


def test_rows_that_break_a_rule_are_set_aside_alone(store: f.Store) -> None:
    report = store.take(f.answer([("A", f.day(5), -1.0), ("A", f.day(6), 2.0), ("B", f.day(5), 0.0)], f.at(0)))
    assert report.rows_quarantined == 2
    assert [row[:3] for row in store.versions()] == [("A", 6, 2.0)]
    assert store.quarantined() == [
        ("A", f.day(5), -1.0, "value_not_positive"),
        ("B", f.day(5), 0.0, "value_not_positive"),
    ]
    ((because, sha256),) = store.rows("SELECT DISTINCT because, landing_sha256 FROM quarantine.facts")
    assert because == "a value is above zero" and len(sha256) == 64


def test_nan_is_judged_by_the_rule_not_passed_by_comparison(tmp_path: Path) -> None:
    rule = RowRule("value_not_finite", ~pl.col("value").is_finite(), "a value is finite")
    store = f.Store(tmp_path, f.source(rules=(rule,)))
    store.take(f.answer(b'[["A", "2026-01-05", NaN], ["A", "2026-01-06", Infinity], ["A", "2026-01-07", 1]]', f.at(0)))
    assert [row[:3] for row in store.versions()] == [("A", 7, 1.0)]


def test_one_key_with_two_values_loses_both(store: f.Store) -> None:
    store.take(f.answer([("A", f.day(5), 1.0), ("A", f.day(5), 2.0), ("A", f.day(6), 3.0)], f.at(0)))
    assert [row[:3] for row in store.versions()] == [("A", 6, 3.0)]
    assert [row[2:] for row in store.quarantined()] == [(1.0, "duplicate_key"), (2.0, "duplicate_key")]


def test_equal_rows_are_one(store: f.Store) -> None:
    report = store.take(f.answer([("A", f.day(5), 1.0)] * 3, f.at(0)))
    assert (report.rows_new, report.rows_quarantined) == (1, 2)  # one is kept, the others are told


def test_answers_of_one_pack_are_judged_apart(store: f.Store) -> None:
    """The same key in two answers is a revision, not a clash; each row keeps its own answer's bytes and time."""
    first, second = (
        f.answer([("A", f.day(5), 1.0), ("A", f.day(6), -1.0)], f.at(0)),
        f.answer([("A", f.day(5), 2.0)], f.at(3)),
    )
    report = store.take(first, second)
    assert report.rows_quarantined == 1
    kept = store.rows(
        "SELECT value, landing_sha256, fetched_at FROM raw.facts UNION ALL"
        " SELECT value, landing_sha256, fetched_at FROM raw.facts_superseded ORDER BY value"
    )
    assert kept == [(1.0, first.sha256, first.fetched_at), (2.0, second.sha256, second.fetched_at)]
    assert store.rows("SELECT landing_sha256, fetched_at FROM quarantine.facts") == [(first.sha256, first.fetched_at)]


def test_a_row_without_its_key_is_set_aside(store: f.Store) -> None:
    store.take(f.answer([(None, f.day(5), 1.0), ("A", None, 2.0), ("A", f.day(6), None)], f.at(0)))
    assert [row[:3] for row in store.versions()] == [("A", 6, None)], "a missing value is a value"
    assert [row[3] for row in store.quarantined()] == ["key_missing"] * 2


NASTY = [
    "NA", "NULL", "TRUE", "T", "NAN", "", "BRK.B", "'; drop table raw.facts; --", '"quoted"', "=cmd()|' /C'!A0",
    "\u0410APL", "日本", "a\x00b", "a\nb", "\u202eRTL", "💥", "x" * 10_000, "1e5", "0x1F", "%s", "{}", "\\",
]  # fmt: skip


def test_symbols_are_stored_verbatim(store: f.Store) -> None:
    report = store.take(f.answer([(symbol, f.day(5), 1.0 + n) for n, symbol in enumerate(NASTY)], f.at(0)))
    assert report.rows_new == len(NASTY)
    assert dict(store.rows("SELECT symbol, value FROM raw.facts")) == {s: 1.0 + n for n, s in enumerate(NASTY)}
    store.take(f.answer([(symbol, f.day(5), 100.0 + n) for n, symbol in enumerate(NASTY)], f.at(1)))
    assert dict(store.rows("SELECT symbol, value FROM raw.facts")) == {s: 100.0 + n for n, s in enumerate(NASTY)}


def test_names_are_quoted(tmp_path: Path) -> None:
    columns = {"symbol": f.COLUMNS["symbol"], "day": f.COLUMNS["day"], 'select "x"; --': f.COLUMNS["value"]}
    store = f.Store(tmp_path, f.source(dataset='order "by"', columns=columns, rules=(), key=("symbol", "day")))
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    store.take(f.answer([("A", f.day(5), 2.0)], f.at(1)))
    assert store.rows('SELECT "select ""x""; --" FROM raw."order ""by"""') == [(2.0,)]


def test_the_same_bytes_again_change_nothing(filed: f.Store) -> None:
    rows = [("A", f.day(5), 1.0), ("A", f.day(6), None)]
    filed.take(f.answer(rows, f.at(0)))
    before = filed.everything()
    assert filed.load().packs == 0
    report = filed.take(f.answer(rows, f.at(24)))
    assert (report.packs, report.rows_new, report.rows_revised) == (1, 0, 0)
    assert filed.everything() == before


def test_a_revision_keeps_what_was_said(store: f.Store) -> None:
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    report = store.take(f.answer([("A", f.day(5), 2.0)], f.at(24)))
    assert (report.rows_new, report.rows_revised) == (0, 1)
    assert store.versions() == [
        ("A", 5, 1.0, f.evening_of(5), LAG, False),
        ("A", 5, 2.0, f.at(24), SEEN, True),
    ]


def test_a_revision_is_not_known_before_the_fact_could_be(store: f.Store) -> None:
    """Asked at noon, twice, about a day that is public at 20:00."""
    store.take(f.answer([("A", f.day(10), 1.0)], f.at(0)))
    store.take(f.answer([("A", f.day(10), 2.0)], f.at(1)))
    assert [row[3:5] for row in store.versions()] == [(f.evening_of(10), LAG), (f.evening_of(10), SEEN)]


@pytest.mark.parametrize(("there", "back"), [(2.0, 1.0), (None, 1.0)])
def test_there_and_back_is_three_versions(store: f.Store, there: float | None, back: float) -> None:
    for hours, value in ((0, 1.0), (24, there), (48, back)):
        store.take(f.answer([("A", f.day(5), value)], f.at(hours)))
    assert [row[2] for row in store.versions()] == [1.0, there, back]
    assert [row[5] for row in store.versions()] == [False, False, True]


def test_a_null_is_told_from_a_value_and_nan_equals_itself(store: f.Store) -> None:
    for hours, value in enumerate((b"null", b"null", b"NaN", b"NaN", b"1")):
        store.take(f.answer(b'[["A", "2026-01-05", ' + value + b"]]", f.at(hours)))
    assert [str(row[2]) for row in store.versions()] == ["None", "nan", "1.0"]


def test_an_absent_row_revises_nothing(store: f.Store) -> None:
    store.take(f.answer([("A", f.day(5), 1.0), ("A", f.day(6), 2.0)], f.at(0)))
    store.take(f.answer([("A", f.day(6), 2.0)], f.at(24)))
    assert [row[:3] for row in store.versions()] == [("A", 5, 1.0), ("A", 6, 2.0)]


@pytest.mark.parametrize("earlier", ["data", "empty"])
def test_a_fact_that_an_earlier_answer_should_have_had_is_late(store: f.Store, earlier: str) -> None:
    store.take(f.answer([("A", f.day(4), 1.0)] if earlier == "data" else [], f.at(0), outcome=earlier))
    store.take(f.answer([("A", f.day(5), 2.0)], f.at(24)))
    assert store.versions()[-1] == ("A", 5, 2.0, f.at(24), LATE, True)


@pytest.mark.parametrize(
    ("seconds", "kind"),
    [(-1, LAG), (0, LATE), (1, LATE)],
    ids=["a second before", "the moment itself", "a second after"],
)
def test_late_begins_at_the_moment_the_fact_was_public(store: f.Store, seconds: int, kind: str) -> None:
    """An answer of exactly the moment at which the fact was public should have had it."""
    asked = f.evening_of(5) + timedelta(seconds=seconds)
    store.take(f.answer([("Z", f.day(4), 1.0)], asked, "A", "data", f.day(1), f.day(9)))
    store.take(f.answer([("A", f.day(5), 2.0)], asked + timedelta(hours=24)))
    found = next(row for row in store.versions() if row[0] == "A")
    assert found[4] == kind
    assert found[3] == (asked + timedelta(hours=24) if kind == LATE else f.evening_of(5))


@pytest.mark.parametrize(
    ("first", "last", "hours", "series", "outcome"),
    [
        (1, 4, 0, "A", "data"),
        (6, 9, 0, "A", "data"),
        (1, 9, -120, "A", "data"),
        (1, 9, 0, "B", "data"),
        (1, 9, 0, "A", "error"),
        (1, 9, 0, "A", "missing"),
        (1, 9, 24, "A", "data"),
    ],
    ids=["ends-before", "starts-after", "before-it-was-public", "other-series", "failed", "unknown", "same-moment"],
)
def test_a_fact_nobody_could_have_seen_earlier_is_not_late(
    store: f.Store, first: int, last: int, hours: float, series: str, outcome: str
) -> None:
    rows = [("Z", f.day(4), 1.0)] if outcome == "data" else b"nothing"
    store.take(f.answer(rows, f.at(hours), series, outcome, f.day(first), f.day(last)))
    store.take(f.answer([("A", f.day(5), 2.0)], f.at(24)))
    assert next(row for row in store.versions() if row[0] == "A")[3:5] == (f.evening_of(5), LAG)


def test_a_quarantined_row_that_comes_good_is_late(store: f.Store) -> None:
    store.take(f.answer([("A", f.day(5), -1.0)], f.at(0)))
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(24)))
    assert store.versions() == [("A", 5, 1.0, f.at(24), LATE, True)]


def test_a_source_that_says_when_it_published(tmp_path: Path) -> None:
    store = f.Store(tmp_path, f.source(known_at_kind="published"))
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    assert store.versions()[0][4] == "published"


def test_a_fact_of_unknown_age_is_known_when_seen(list_of_members: f.Store) -> None:
    list_of_members.take(f.answer([("A", f.day(5), "Energy"), ("B", None, "Health")], f.at(0)))
    assert list_of_members.versions("sector", "is_present") == [
        ("A", 5, "Energy", True, f.evening_of(5), LAG, True),
        ("B", None, "Health", True, f.at(0), SEEN, True),
    ]


def test_who_vanishes_from_a_snapshot_and_returns(list_of_members: f.Store) -> None:
    a, b = ("A", f.day(5), "Energy"), ("B", f.day(5), "Health")
    for hours, rows in ((0, [a, b]), (24, [a]), (48, [a]), (72, [a, b]), (96, [b])):
        list_of_members.take(f.answer(rows, f.at(hours)))
    assert list_of_members.rows("SELECT symbol, is_present, sector FROM raw.members ORDER BY ALL") == [
        ("A", False, None),
        ("B", True, "Health"),
    ]
    told = [(row[0], row[2], row[3]) for row in list_of_members.versions("is_present") if row[0] == "B"]
    assert sorted(told, key=lambda row: row[2]) == [
        ("B", True, f.evening_of(5)),
        ("B", False, f.at(24)),
        ("B", True, f.at(72)),
    ]


def test_who_is_listed_with_a_bad_row_has_not_vanished(list_of_members: f.Store) -> None:
    good = [("A", f.day(5), "Energy"), ("B", f.day(5), "Health")]
    list_of_members.take(f.answer(good, f.at(0)))
    list_of_members.take(f.answer([("A", f.day(5), "Energy"), ("B", f.day(5), "")], f.at(24)))
    list_of_members.take(f.answer([good[0], ("B", f.day(5), "X"), ("B", f.day(5), "Y")], f.at(48)))
    assert list_of_members.rows("SELECT symbol, is_present FROM raw.members ORDER BY ALL") == [("A", True), ("B", True)]
    assert len(list_of_members.quarantined()) == 3


def test_a_row_whose_key_could_not_be_read_may_be_anybody(list_of_members: f.Store) -> None:
    """Then nobody has vanished by that list; the next readable one decides."""
    list_of_members.take(f.answer([("A", f.day(1), "X"), ("B", f.day(1), "X")], f.at(0)))
    list_of_members.take(f.answer([("A", f.day(1), "X"), (None, f.day(1), "X")], f.at(1)))
    assert [row[0] for row in list_of_members.rows("SELECT symbol FROM raw.members WHERE NOT is_present")] == []
    list_of_members.take(f.answer([("A", f.day(1), "X")], f.at(2)))
    assert [row[0] for row in list_of_members.rows("SELECT symbol FROM raw.members WHERE NOT is_present")] == ["B"]


BOUND = plausible.Bound(low=1, high=1000, max_step=0, max_ratio=1.5, peak=None)


@pytest.fixture
def bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> f.Store:
    """A source whose values lie between 1 and 1000 and never move by more than half."""
    monkeypatch.setattr(plausible, "bounds", lambda: {("test", name): BOUND for name in "ABC"})
    return f.Store(tmp_path, f.source(plausible=Plausible("test", "value", "day", series="symbol")))


def quarantined(store: f.Store) -> list[tuple[object, ...]]:
    return store.rows("SELECT symbol, day(day), value, rule, known_at FROM quarantine.facts ORDER BY ALL")


def test_an_implausible_value_is_set_aside_with_the_moment_it_was_told(bounded: f.Store) -> None:
    bounded.take(f.answer([("A", f.day(n), 100.0 + n) for n in range(1, 5)] + [("A", f.day(5), 1.05)], f.at(0)))
    assert quarantined(bounded) == [("A", 5, 1.05, plausible.STEP, f.evening_of(5))]
    assert [row[1] for row in bounded.versions()] == [1, 2, 3, 4]


def test_an_answer_is_compared_with_what_is_held(bounded: f.Store) -> None:
    """One row alone, and a whole answer in another unit: both agree in themselves."""
    bounded.take(f.answer([("A", f.day(n), 100.0) for n in range(1, 5)], f.at(0)))
    bounded.take(f.answer([("A", f.day(5), 10.0)], f.at(1)))
    bounded.take(f.answer([("A", f.day(n), 10.0) for n in (3, 4, 5, 6)], f.at(2)))
    bounded.take(f.answer([("A", f.day(5), 101.0)], f.at(3)))
    assert [(day, rule) for _, day, _, rule, _ in quarantined(bounded)] == [
        (n, plausible.STEP) for n in (3, 4, 5, 5, 6)
    ]
    assert [(day, value) for _, day, value, *_ in bounded.versions()] == [(n, 100.0) for n in range(1, 5)] + [
        (5, 101.0)
    ]


def test_what_is_set_aside_does_not_depend_on_what_was_loaded_first(bounded: f.Store, tmp_path: Path) -> None:
    answers = [
        f.answer([("A", f.day(n), 100.0) for n in range(1, 5)], f.at(0)),
        f.answer([("A", f.day(n), 10.0) for n in (4, 5)], f.at(1)),
        f.answer([("A", f.day(n), 105.0) for n in (4, 5, 6)], f.at(2)),
        f.answer([("A", f.day(n), 105.0) for n in (6,)] + [("A", f.day(7), 2.0)], f.at(3)),
    ]
    for one in answers:
        bounded.take(one)
    together = f.Store(tmp_path / "together", bounded.source)
    for n in (2, 0, 3, 1):
        together.land(answers[n])
    together.load()
    late = f.Store(tmp_path / "late", bounded.source)
    for n in (3, 2, 0, 1):
        late.take(answers[n])
    assert quarantined(bounded) and quarantined(bounded) == quarantined(together) == quarantined(late)
    assert bounded.everything() == together.everything() == late.everything()


def windowed(**declared: Any) -> Any:
    """A source whose answers hold all of their window, one day after its first."""
    return f.source(complete_after=timedelta(days=1), series_column="symbol", **declared)


def test_what_an_answer_that_covers_its_day_does_not_list_was_withdrawn(tmp_path: Path) -> None:
    one, two, other = ("A", f.day(5), 1.0), ("A", f.day(6), 2.0), ("B", f.day(5), 9.0)
    store = f.Store(tmp_path, windowed())
    store.take(f.answer([one, two], f.at(0), "A"), f.answer([other], f.at(0), "B"))
    store.take(f.answer([one], f.at(24), "A"))  # withdrawn
    store.take(f.answer([one], f.at(48), "A"))  # still: nothing new
    store.take(f.answer([one, two], f.at(72), "A"))  # told again
    store.take(f.answer([], f.at(96), "A"))  # nothing at all in the window: both withdrawn
    told = [(row[0], row[1], row[2], row[3], row[4]) for row in store.versions("value", "is_present")]
    assert told == [
        ("A", 5, 1.0, True, f.evening_of(5)),
        ("A", 5, None, False, f.at(96)),
        ("A", 6, 2.0, True, f.evening_of(6)),
        ("A", 6, None, False, f.at(24)),
        ("A", 6, 2.0, True, f.at(72)),
        ("A", 6, None, False, f.at(96)),
        ("B", 5, 9.0, True, f.evening_of(5)),
    ]
    kept = store.everything()
    store.home.build.unlink()
    store.load()
    assert store.everything() == kept, "all at once, from landing"


@pytest.mark.parametrize("reads", [None, "facts"])
def test_an_empty_answer_withdraws_what_it_was_asked_about(tmp_path: Path, reads: str | None) -> None:
    """That a question of the dataset's own has no answer tells of its window; another dataset's question does not."""
    store = f.Store(tmp_path, windowed(dataset="facts" if reads is None else "others", reads=reads))
    store.land(f.answer([("A", f.day(5), 1.0)], f.at(0), "A"))
    store.land(f.answer([], f.at(24), "A", outcome="empty"))
    store.load(parsed={})
    assert store.rows(f"SELECT is_present FROM raw.{store.source.dataset}") == [(reads is not None,)]


@pytest.mark.parametrize(
    ("first", "last", "outcome"), [(5, 9, "data"), (1, 4, "data"), (6, 9, "data"), (1, 9, "error"), (1, 9, "missing")]
)
def test_an_answer_that_does_not_cover_a_day_withdraws_nothing(
    tmp_path: Path, first: int, last: int, outcome: str
) -> None:
    """A window's first day is its edge; a failed question says nothing."""
    store = f.Store(tmp_path, windowed())
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0), "A"))
    seen = f.answer([("A", f.day(3), 3.0)], f.at(24), "A", outcome=outcome)
    seen = replace(seen, request=replace(seen.request, first=f.day(first), last=f.day(last)))
    store.take(seen)
    assert store.rows("SELECT is_present FROM raw.facts WHERE day(day) = 5") == [(True,)]


def test_an_unreadable_answer_and_a_row_set_aside_withdraw_nothing(tmp_path: Path) -> None:
    store = f.Store(tmp_path, windowed())
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0), "A"))
    store.take(f.answer(b"broken", f.at(24), "A"))
    store.take(f.answer([("A", f.day(5), -1.0)], f.at(48), "A"))
    assert store.rows("SELECT is_present FROM raw.facts") == [(True,)]


@pytest.mark.parametrize("outcome", ["empty", "error", "missing"])
def test_nobody_vanishes_without_a_list(list_of_members: f.Store, outcome: str) -> None:
    list_of_members.take(f.answer([("A", f.day(5), "Energy")], f.at(0)))
    list_of_members.take(f.answer(b"<html>", f.at(24), outcome=outcome))
    list_of_members.take(f.answer([("A", f.day(5), "")], f.at(48)))
    assert list_of_members.rows("SELECT symbol, is_present FROM raw.members") == [("A", True)]


def test_a_source_of_keys_alone(tmp_path: Path) -> None:
    columns = {"symbol": f.COLUMNS["symbol"], "day": f.COLUMNS["day"]}
    store = f.Store(tmp_path, f.source(columns=columns, rules=()))
    store.take(f.answer([("A", f.day(5))], f.at(0)))
    report = store.take(f.answer([("A", f.day(5)), ("A", f.day(6))], f.at(24)))
    assert (report.rows_new, report.rows_revised) == (1, 0)


def test_a_sibling_reads_the_landing_of_another(tmp_path: Path) -> None:
    first = f.Store(tmp_path)
    first.take(f.answer([("A", f.day(5), 1.0)], f.at(0)), f.answer(b"broken", f.at(0), "B"))
    sibling = f.Store(tmp_path, f.source(dataset="others", reads="facts"))
    report = sibling.load(parsed={})
    assert (report.rows_new, len(report.rejected)) == (1, 1)
    assert "the body must be rows" in report.rejected[0]
    assert first.load().packs == 0, "each keeps its own book of what is loaded"


def test_every_question_is_logged(store: f.Store) -> None:
    store.take(
        f.answer([("A", f.day(5), 1.0)], f.at(0)),
        f.failed("error", f.at(1), series="B"),
        f.answer(b"gone", f.at(2), "C", "missing"),
    )
    logged = store.rows("SELECT series, outcome, fetched_at, sha256 IS NULL FROM raw.fetch_log ORDER BY ALL")
    assert logged == [("A", "data", f.at(0), False), ("B", "error", f.at(1), True), ("C", "missing", f.at(2), False)]
    assert store.rows("SELECT dataset, newest FROM raw.loaded_packs") == [("facts", f.at(2))]


def test_a_parse_is_spared_only_for_the_same_question(tmp_path: Path) -> None:
    """Equal bytes asked for two series, or at two moments, may mean different facts."""
    from dataclasses import replace

    asked: list[str] = []
    good = f.source()

    def parse(body: bytes, request: Any) -> pl.DataFrame:
        asked.append(request.series)
        return good.parse(body, request).with_columns(pl.lit(request.series).alias("symbol"))

    store = f.Store(tmp_path, f.source(parse=parse))
    one, two = (f.answer([("?", f.day(5), 1.0)], f.at(0), series) for series in "AB")
    assert one.sha256 == two.sha256 is not None
    store.land(one, two)
    frame = parse(one.answer.body, one.request)  # type: ignore[union-attr]
    asked.clear()
    store.load(parsed={(one.sha256, replace(one.request, url="", headers=())): frame})
    assert asked == ["B"]
    assert [row[0] for row in store.versions()] == ["A", "B"]


def test_a_bug_midway_leaves_all_as_it_was(filed: f.Store) -> None:
    filed.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    before = filed.everything(), filed.rows("FROM raw.loaded_packs"), filed.rows("FROM raw.fetch_log")
    filed.land(f.answer([("A", f.day(5), 2.0), ("A", f.day(6), -1.0)], f.at(24)))
    bad = filed.land(f.answer(b"bug", f.at(48)))
    with build_session(filed.home) as con:
        with pytest.raises(ZeroDivisionError):
            raw.load(con, filed.source, filed.landing)
        bad.unlink()
        assert con.execute("SELECT count(*) FROM raw.facts").fetchone() == (1,)
    assert before == (filed.everything(), filed.rows("FROM raw.loaded_packs"), filed.rows("FROM raw.fetch_log"))
    assert filed.quarantined() == []
    assert (filed.load().rows_revised, filed.versions()[-1][2], len(filed.quarantined())) == (1, 2.0, 1)


def test_a_damaged_pack_stops_the_load(store: f.Store) -> None:
    path = store.land(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LandingError, match="damaged"):
        store.load()
    assert store.everything() == ([], [])


def test_an_older_pack_rebuilds_the_dataset(store: f.Store) -> None:
    store.take(f.answer([("A", f.day(5), 2.0)], f.at(24)))
    report = store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    assert report.rebuilt
    assert [row[2:] for row in store.versions()] == [
        (1.0, f.evening_of(5), LAG, False),
        (2.0, f.at(24), SEEN, True),
    ]


def test_packs_that_overlap_in_time_are_put_in_order(store: f.Store) -> None:
    """Answers of one fetch come back out of order, so a pack may hold answers older than the pack before it."""
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)), f.answer([("B", f.day(5), 1.0)], f.at(10), "B"))
    report = store.take(f.answer([("B", f.day(5), 2.0)], f.at(5), "B"), f.answer([("A", f.day(5), 3.0)], f.at(11)))
    assert report.rebuilt
    assert [(row[0], row[2], row[5]) for row in store.versions()] == [
        ("A", 1.0, False), ("A", 3.0, True), ("B", 2.0, False), ("B", 1.0, True),
    ]  # fmt: skip


def test_a_pack_taken_out_of_landing_is_taken_out_of_raw(store: f.Store) -> None:
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    gone = store.land(f.answer([("A", f.day(5), 2.0), ("B", f.day(5), 9.0)], f.at(24)))
    store.load()
    gone.unlink()
    assert store.load().rebuilt
    assert store.versions() == [("A", 5, 1.0, f.evening_of(5), LAG, True)]


def test_a_changed_declaration_starts_the_dataset_anew(tmp_path: Path) -> None:
    store = f.Store(tmp_path)
    store.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    columns = f.COLUMNS | {"value": Column(pl.Int64(), "count", "How many")}
    other = f.Store(tmp_path, f.source(columns=columns))
    assert other.load().rows_new == 1
    assert other.rows("SELECT typeof(value), value FROM raw.facts") == [("BIGINT", 1)]
    assert other.load().packs == 0


def test_storage_is_ordered_by_day(store: f.Store) -> None:
    """After the first load, and after a later one that brought much."""
    store.take(f.answer([(symbol, f.day(number), 1.0) for symbol in "BA" for number in (5, 3)], f.at(0)))
    assert store.rows("SELECT day(day), symbol FROM raw.facts") == [(3, "A"), (3, "B"), (5, "A"), (5, "B")]
    store.take(f.answer([(symbol, f.day(number), 1.0) for symbol in "BA" for number in (4, 2)], f.at(24)))
    assert store.rows("SELECT day(day), symbol FROM raw.facts") == [(n, s) for n in (2, 3, 4, 5) for s in "AB"]


def test_folding_in_groups_of_keys_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for rows in (2_000_000, 3):
        monkeypatch.setattr(versions, "FOLD_ROWS", rows)
        store = f.Store(tmp_path / str(rows))
        for hours in range(3):
            store.take(
                f.answer([(s, f.day(n), 1.0 + (hours * n) % 4) for s in "ABC" for n in range(1, 9)], f.at(hours))
            )
        told.append(store.everything())
    assert told[0] == told[1] and len(told[0][1]) > 10


def test_a_session_leaves_no_wal(filed: f.Store) -> None:
    filed.take(f.answer([("A", f.day(5), 1.0)], f.at(0)))
    assert [p.name for p in filed.home.root.glob("build.duckdb*")] == ["build.duckdb"]
    with pytest.raises(duckdb.CatalogException), build_session(filed.home) as con:
        con.execute("CREATE TABLE t AS SELECT 1")
        con.execute("FROM nothing_of_that_name")
    assert [p.name for p in filed.home.root.glob("build.duckdb*")] == ["build.duckdb"]


_ROWS = st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=3)
_ANSWERS = st.lists(st.tuples(st.integers(0, 6), _ROWS.map(tuple), st.sampled_from("AB")), min_size=1, max_size=2)
_PACKS = st.lists(_ANSWERS, min_size=1, max_size=3)


def _received(hours: int, rows: Any, series: str, is_snapshot: bool) -> f.Received:
    shown = [(s, f.day(n), ("", "X", "Y")[v] if is_snapshot else float(v)) for s, n, v in rows]
    return f.answer(shown, f.at(hours * 12), series)


@pytest.mark.parametrize("one", [f.source(), f.members(), windowed()], ids=["facts", "snapshot", "windowed"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(packs=_PACKS, seed=st.integers(0, 999))
@example(
    packs=[[(0, (("A", 1, 1),), "A"), (4, (("B", 1, 1),), "B")], [(2, (("A", 1, 2),), "A"), (5, (("B", 1, 2),), "B")]],
    seed=1,
)
@example(packs=[[(1, (("A", 1, 1),), "A")], [(1, (("A", 1, 2),), "A")], [(1, (("A", 1, 1),), "B")]], seed=2)
def test_the_order_of_arrival_changes_nothing(one: Any, packs: list[Any], seed: int) -> None:
    """Pack by pack, shuffled, all at once into a new database: the same two tables, to the last column."""
    landed = [[_received(*parts, one.snapshot) for parts in pack] for pack in packs]
    shuffled = random.Random(seed).sample(landed, len(landed))
    told: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, order in (("in order", landed), ("shuffled", shuffled)):
            with in_memory() as con:
                store = f.Store(Path(folder, name), one, con)
                for pack in order:
                    store.take(*pack)
                told.append(store.everything())
        with in_memory() as con:
            store = f.Store(Path(folder, "shuffled"), one, con)
            store.load()
            told.append(store.everything())
    assert told[0] == told[1], "pack by pack, in and out of order"
    assert told[0] == told[2], "all at once into a new database"
    current, superseded = told[0]
    assert len({row[: 1 if one.snapshot else 2] for row in current}) == len(current), "one current row per key"
    assert_known_in_order(one, current, superseded)


def assert_known_in_order(one: Any, current: list[f.Row], superseded: list[f.Row]) -> None:
    """Later versions of a key are never known before earlier ones, and neighbours differ."""
    width = 4 if one.tells_absence else 3
    keys = 1 if one.snapshot else 2
    told: dict[f.Row, list[tuple[datetime, str, datetime, f.Row]]] = {}
    for row in [*current, *superseded]:
        known, _, _, fetched, _, sha256 = row[width:]
        told.setdefault(row[:keys], []).append((fetched, sha256, known, row[keys:width]))
    for history in told.values():
        for before, after in itertools.pairwise(sorted(history, key=lambda v: v[:2])):
            assert before[2] <= after[2] and before[3] != after[3]
