"""The gate judging real tables with great-expectations: what passes, what fails, and no pass that means nothing."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse import gate
from warehouse.candidate import MartColumn, MartSpec
from warehouse.gate import Verdict, judge
from warehouse.rulebook import Rule, declared

AS_OF = datetime(2026, 1, 16, 1, tzinfo=UTC)
BETWEEN = "expect_column_values_to_be_between"
SOUND = """
    SELECT range AS n, 1.5 + range AS value, DATE '2026-01-01' + range::INTEGER AS day,
        TIMESTAMPTZ '2026-01-10 00:00:00+00' AS known_at FROM range(5)
"""


@pytest.fixture(autouse=True, scope="module")
def _one_context() -> Iterator[None]:
    """great-expectations builds its context once for all tests."""
    original = gate._engine
    gate._engine = lru_cache(1)(original)
    yield
    gate._engine = original


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(f"SET TimeZone = 'UTC'; CREATE SCHEMA marts; CREATE TABLE marts.m AS {SOUND}")
        yield con


def rule(frame: str = "FROM marts.m", expect: str = BETWEEN, **more: Any) -> Rule:
    more.setdefault("arguments", {"column": "value", "min_value": 0, "max_value": 100})
    return Rule("m.own", "m", "It must be so.", frame=frame, expect=expect, **more)


def number(value: str, low: float | None = 1, high: float | None = None, **more: Any) -> Rule:
    return Rule(more.pop("rule_id", "m.own"), "m", "It must be so.", value=value, low=low, high=high, **more)


def verdict(con: duckdb.DuckDBPyConnection, one: Rule, has_previous: bool = False) -> Verdict:
    (found,) = judge(con, {"m": [one]}, ["m"], AS_OF, has_previous)
    return found


def test_a_rule_that_holds(con: duckdb.DuckDBPyConnection) -> None:
    found = verdict(con, rule())
    assert (found.outcome, found.refuses, found.error) == ("passed", False, "")
    assert '"element_count": 5' in found.observed and '"unexpected_count": 0' in found.observed


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_a_rule_that_does_not_hold(con: duckdb.DuckDBPyConnection, severity: str) -> None:
    found = verdict(con, rule(arguments={"column": "value", "max_value": 3}, severity=severity))
    assert (found.outcome, found.refuses) == ("failed", severity == "critical")
    assert json.loads(found.observed)["unexpected_count"] == 3


def test_the_as_of_moment_is_bound(con: duckdb.DuckDBPyConnection) -> None:
    moment = "$as_of = TIMESTAMPTZ '2026-01-16 01:00:00+00'"
    assert (
        verdict(con, rule(f"SELECT ({moment})::INTEGER AS n", arguments={"column": "n", "min_value": 1})).outcome
        == "passed"
    )
    assert verdict(con, number(f"SELECT ({moment})::INTEGER")).outcome == "passed"
    assert verdict(con, number(f"count(*) FILTER ({moment})", 5, 5)).outcome == "passed"


def test_a_rule_about_the_previous_generation(con: duckdb.DuckDBPyConnection) -> None:
    one = number("SELECT count(*) AS n FROM previous.marts.m", needs_previous=True)
    first = verdict(con, one)
    assert (first.outcome, first.refuses, first.error) == ("not_applicable", False, "no previous generation")
    assert verdict(con, one, has_previous=True).outcome == "failed", "it is promised, but not attached"
    con.execute(
        "ATTACH ':memory:' AS previous; CREATE SCHEMA previous.marts; CREATE TABLE previous.marts.m AS SELECT 1"
    )
    assert verdict(con, one, has_previous=True).outcome == "passed"


def forbidding(none: str) -> Rule:
    return Rule("m.own", "m", "It must be so.", none=none, shows=("n", "value"))


@pytest.mark.parametrize("form", ["SELECT n, value FROM marts.m WHERE {}", "{}", "{} AND n > (SELECT -1)"])
def test_the_rows_that_are_forbidden_are_shown(con: duckdb.DuckDBPyConnection, form: str) -> None:
    assert verdict(con, forbidding(form.format("n > 9"))).outcome == "passed"
    found = verdict(con, forbidding(form.format("n >= 3")))
    assert found.refuses and not found.error
    assert found.rows == ({"n": 3, "value": "4.5"}, {"n": 4, "value": "5.5"})
    assert json.loads(found.observed) == {"observed_value": 2.0}


def test_names_that_are_forbidden_are_told(con: duckdb.DuckDBPyConnection) -> None:
    found = verdict(con, forbidding("SELECT 'fund ' || n FROM marts.m WHERE n > 3"))
    assert json.loads(found.observed) == {"observed_value": 1.0, "partial_unexpected_list": ["fund 4"]}


def test_a_person_releases_one_rule_with_one_evidence(con: duckdb.DuckDBPyConnection) -> None:
    """Not the rule for ever, and never a rule that could not run."""
    one, other = forbidding("SELECT n FROM marts.m WHERE n >= 3"), forbidding("SELECT n FROM marts.m WHERE n >= 4")
    seen = verdict(con, one)
    accepted = {(seen.rule_id, seen.evidence): "a real crash"}

    def again(rule: Rule) -> gate.Verdict:
        return gate.judge(con, {"m": [rule]}, ["m"], AS_OF, False, accepted=accepted)[0]

    released = again(one)
    assert (released.outcome, released.refuses, released.error) == ("accepted", False, "accepted: a real crash")
    assert again(other).refuses, "it sees something else"
    broken = rule("SELECT value FROM marts.nothing")
    accepted = {(broken.rule_id, again(broken).evidence): "never mind"}
    assert again(broken).refuses


VACUOUS: dict[str, tuple[Rule, str]] = {
    "empty evidence": (rule("FROM marts.m WHERE FALSE"), "the evidence has 0 rows; at least 1 are needed"),
    "too few rows": (rule(least_rows=6), "the evidence has 5 rows; at least 6 are needed"),
    "column missing": (rule("SELECT n FROM marts.m"), "has no column 'value'"),
    "null": (rule("SELECT nullif(value, 2.5) AS value FROM marts.m"), "1 of 5 values of 'value' are NULL"),
    "all null": (rule("SELECT NULL::DOUBLE AS value FROM marts.m", allow_null=True), "5 of 5 values"),
    "all null text": (rule("SELECT NULL::VARCHAR AS value FROM marts.m", allow_null=True), "5 of 5 values"),
    "nan": (rule("SELECT 'nan'::DOUBLE AS value"), "holds NaN or infinity"),
    "one nan": (rule("SELECT if(n = 3, 'nan'::DOUBLE, 1) AS value FROM marts.m"), "holds NaN or infinity"),
    "nan and null": (
        rule("SELECT CASE n WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN 1 END AS value FROM marts.m", allow_null=True),
        "holds NaN or infinity",
    ),
    "infinity": (rule("SELECT 'inf'::DOUBLE AS value", arguments={"column": "value", "min_value": 0}), "infinity"),
    "minus infinity": (rule("SELECT '-inf'::FLOAT AS value"), "NaN or infinity"),
    "sql error": (rule("SELECT value FROM marts.nothing"), "CatalogException"),
    "sql syntax": (rule("SELEKT"), "ParserException"),
    "division": (rule("SELECT error('boom') AS value FROM marts.m"), "boom"),
    "unknown expectation": (rule(expect="expect_miracles"), "ExpectationNotFoundError"),
    "number null": (number("SELECT NULL"), "the evidence is NULL"),
    "number of an empty frame": (number("SELECT 1 FROM marts.m WHERE FALSE"), "it gave 0 rows"),
    "numbers": (number("SELECT n FROM marts.m"), "it gave 5 rows"),
    "number nan": (number("SELECT 'nan'::DOUBLE"), "NaN or infinity"),
    "number infinite": (number("SELECT 'inf'::DOUBLE"), "NaN or infinity"),
    "number a text": (number("SELECT '7'"), "no number"),
    "number a truth": (number("SELECT true"), "no number"),
    "number of nothing": (number("SELECT value FROM marts.nothing"), "CatalogException"),
    "null of the mart": (number("max(value) FILTER (n > 9)"), "the evidence is NULL"),
    "condition on no column": (forbidding("lost > 1"), "BinderException"),
    "condition that fails": (forbidding("error('boom')"), "boom"),
    "unknown argument": (rule(arguments={"column": "value", "least": 1}), "ValidationError"),
    "no bounds": (rule(arguments={"column": "value"}), "min_value"),
    "wrong type": (rule("SELECT 'text' AS value"), "of the same type"),
    "condition on no row": (
        rule(arguments={"column": "value", "min_value": 0, "row_condition": "n > 99", "condition_parser": "pandas"}),
        "looked at no row",
    ),
    "pair with null": (
        rule("SELECT NULL::DOUBLE AS a, 1 AS b", "expect_column_pair_values_a_to_be_greater_than_b",
             arguments={"column_A": "a", "column_B": "b"}),
        "values of 'a' are NULL",
    ),
    "key of nulls": (
        rule("SELECT 1 AS a, NULL::INTEGER AS b", "expect_compound_columns_to_be_unique",
             arguments={"column_list": ["a", "b"]}),
        "values of 'b' are NULL",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", VACUOUS)
def test_nothing_passes_for_want_of_evidence(con: duckdb.DuckDBPyConnection, case: str) -> None:
    one, error = VACUOUS[case]
    found = verdict(con, one)
    assert found.outcome == "failed" and found.refuses
    assert error in found.error


def test_an_allowed_null_is_not_a_failure(con: duckdb.DuckDBPyConnection) -> None:
    frame = "SELECT if(n = 1, NULL, value) AS value FROM marts.m"
    assert verdict(con, rule(frame, allow_null=True)).outcome == "passed"
    bad = rule(frame, allow_null=True, arguments={"column": "value", "max_value": 2})
    assert verdict(con, bad).outcome == "failed"


class Engine:
    """Stands in for great-expectations."""

    def __init__(
        self, expect: Callable[..., Any] = lambda *_: (True, "", "{}"), outside: Callable[..., Any] = frozenset
    ) -> None:
        self.expect = expect
        self.outside = lambda frame: outside()


@pytest.mark.parametrize(
    "result",
    [
        lambda *_: (False, "", "{}"),
        lambda *_: (True, "it raised", "{}"),
        lambda *_: (1, "", "{}"),
        lambda *_: None,
        lambda *_: 1 / 0,
    ],
    ids=["failed", "raised", "not-true", "nothing", "exploded"],
)
def test_only_a_plain_success_is_a_pass(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, result: Callable[..., Any]
) -> None:
    monkeypatch.setattr(gate, "_engine", lambda: Engine(expect=result))
    assert verdict(con, rule()).outcome == "failed"


def numbers(*values: float) -> list[Rule]:
    return [number(f"SELECT {value}", 0, 10, rule_id=f"m.r{i}") for i, value in enumerate(values)]


def test_numbers_are_judged_together_and_a_wrong_one_is_named(con: duckdb.DuckDBPyConnection) -> None:
    found = judge(con, {"m": [*numbers(0, 10, 5, 10.5, -1), number("count(*)", None, 4), number("max(n)", 4, rule_id="m.x")]},
                  ["m"], AS_OF, False)  # fmt: skip
    assert [v.outcome for v in found] == ["passed", "passed", "passed", "failed", "failed", "failed", "passed"]
    assert [json.loads(v.observed)["observed_value"] for v in found] == [0, 10, 5, 10.5, -1, 5, 4]
    assert {v.error for v in found} == {""}


def test_an_integer_too_large_for_a_double_is_out_of_bounds(con: duckdb.DuckDBPyConnection) -> None:
    assert verdict(con, number("SELECT 170141183460469231731687303715884105727::HUGEINT", 0, 10)).outcome == "failed"


def test_one_broken_condition_does_not_hide_the_others(con: duckdb.DuckDBPyConnection) -> None:
    """All conditions of a mart are counted in one scan; when that cannot run, each speaks for itself."""
    rules = [
        number("count(*)", 5, 5, rule_id="m.a"),
        number("max(lost)", rule_id="m.b"),
        number("max(n)", 9, rule_id="m.c"),
    ]
    found = judge(con, {"m": rules}, ["m"], AS_OF, False)
    assert [v.outcome for v in found] == ["passed", "failed", "failed"]
    assert "lost" in found[1].error and not found[2].error


@pytest.mark.parametrize(
    "outside",
    [lambda: frozenset({"m.r0"}), lambda: frozenset({"m.r1", "m.r0"}), lambda: None, lambda: 1 / 0],
    ids=["names a sound one", "names one too many", "nothing", "exploded"],
)
def test_an_answer_unlike_arithmetic_is_believed_for_none(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, outside: Callable[[], Any]
) -> None:
    monkeypatch.setattr(gate, "_engine", lambda: Engine(outside=outside))
    found = judge(con, {"m": numbers(1, 99)}, ["m"], AS_OF, False)
    assert [v.outcome for v in found] == ["failed", "failed"] and all(v.error for v in found)


def test_a_wrong_number_that_is_not_named_is_seen(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_engine", Engine)
    assert verdict(con, number("SELECT 99", 0, 10)).refuses
    assert verdict(con, number("SELECT 9", 0, 10)).outcome == "passed"


@pytest.mark.parametrize(
    ("rules", "marts", "failed"),
    [
        ({}, ["m"], "m.rules_exist"),
        ({"m": []}, ["m"], "m.rules_exist"),
        ({}, [], "gate.not_empty"),
        ({"m": [rule()]}, [], "m.mart_exists"),
        ({"m": [rule()], "lost": [rule()]}, ["m"], "lost.mart_exists"),
        ({"m": [rule()]}, ["m", "new"], "new.rules_exist"),
    ],
)
def test_what_nobody_judges_is_refused(
    con: duckdb.DuckDBPyConnection, rules: dict[str, list[Rule]], marts: list[str], failed: str
) -> None:
    verdicts = judge(con, rules, marts, AS_OF, False)
    assert failed in [found.rule_id for found in verdicts if found.refuses]


SPEC = MartSpec(
    "m", "", tuple(MartColumn(name, "") for name in ("n", "value", "day", "known_at", "status", "kind")), key=("day", "n"),
    statuses={"status": ("value",)}, values={"kind": ("a", "b")}, joins={"n": "dim"},
)  # fmt: skip


@pytest.fixture
def structure(con: duckdb.DuckDBPyConnection) -> list[Rule]:
    con.execute("ALTER TABLE marts.m ALTER value TYPE DOUBLE")
    con.execute(
        "ALTER TABLE marts.m ADD COLUMN status VARCHAR DEFAULT 'OK'; ALTER TABLE marts.m ADD COLUMN kind VARCHAR DEFAULT 'a'"
    )
    con.execute("CREATE TABLE marts.dim AS SELECT range AS n FROM range(5)")
    return list(declared(SPEC, 3))


DEFECTS = {
    "rows": "DELETE FROM marts.m WHERE n > 1",
    "rows of an empty mart": "DELETE FROM marts.m",
    "key_unique": "INSERT INTO marts.m SELECT * REPLACE (99 AS value) FROM marts.m LIMIT 1",
    "key_unique of equal rows": "INSERT INTO marts.m FROM marts.m LIMIT 1",
    "key_complete": "UPDATE marts.m SET day = NULL WHERE n = 2",
    "finite": "UPDATE marts.m SET value = 'nan' WHERE n = 2",
    "finite of infinity": "UPDATE marts.m SET value = '-inf' WHERE n = 2",
    "known_by_as_of": "UPDATE marts.m SET known_at = '2026-01-16 01:00:00.000001+00' WHERE n = 2",
    "known_by_as_of of nobody knows": "UPDATE marts.m SET known_at = NULL WHERE n = 2",
    "known_by_as_of without the column": "ALTER TABLE marts.m DROP COLUMN known_at",
    "key_complete without the column": "ALTER TABLE marts.m DROP COLUMN day",
    "statuses_known": "UPDATE marts.m SET status = 'FINE', value = NULL WHERE n = 2",
    "statuses_known of none": "UPDATE marts.m SET status = NULL WHERE n = 2",
    "status_explains_null of a reason beside a value": "UPDATE marts.m SET status = 'WARMUP' WHERE n = 2",
    "status_explains_null of no reason": "UPDATE marts.m SET value = NULL WHERE n = 2",
    "kind_in_vocabulary": "UPDATE marts.m SET kind = 'c' WHERE n = 2",
    "kind_in_vocabulary of none": "UPDATE marts.m SET kind = NULL WHERE n = 2",
    "n_joins": "DELETE FROM marts.dim WHERE n = 2",
}


def test_a_sound_mart_passes_the_structural_rules(con: duckdb.DuckDBPyConnection, structure: list[Rule]) -> None:
    con.execute("UPDATE marts.m SET value = NULL, status = 'WARMUP' WHERE n = 1")
    con.execute("UPDATE marts.m SET known_at = $as_of WHERE n = 1", {"as_of": AS_OF})
    seen: list[tuple[int, int]] = []
    verdicts = judge(con, {"m": structure}, ["m"], AS_OF, False, lambda *at: seen.append(at))
    assert [(found.rule_id, found.error) for found in verdicts if found.outcome != "passed"] == []
    assert seen == [(n, len(structure)) for n in range(1, len(structure) + 1)]


@pytest.mark.parametrize("defect", DEFECTS)
def test_structural_defects_are_refused(con: duckdb.DuckDBPyConnection, structure: list[Rule], defect: str) -> None:
    con.execute(DEFECTS[defect])
    refusing = {found.rule_id for found in judge(con, {"m": structure}, ["m"], AS_OF, False) if found.refuses}
    assert f"m.{defect.split(maxsplit=1)[0]}" in refusing


def test_the_gate_cannot_write(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "updraft.duckdb"
    with duckdb.connect(str(path)) as writer:
        writer.execute(f"CREATE SCHEMA marts; CREATE TABLE marts.m AS {SOUND}")
    with duckdb.connect(str(path), read_only=True) as reading:
        found = verdict(reading, rule("DELETE FROM marts.m; SELECT 1 AS value"))
        assert found.outcome == "failed" and "read-only" in found.error
        assert reading.execute("SELECT count(*) FROM marts.m").fetchone() == (5,)


def test_great_expectations_sends_nothing(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: tried.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **more: tried.append(address))
    fresh = gate._engine.__wrapped__()  # type: ignore[attr-defined]
    monkeypatch.setattr(gate, "_engine", lambda: fresh)
    assert verdict(con, rule()).outcome == "passed" and verdict(con, number("count(*)")).outcome == "passed"
    assert tried == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
