"""The gate: judge a candidate's tables by their rules. Reads, never writes.

Belongs here: looking at the candidate, asking great-expectations, and refusing to be fooled by passes that mean nothing.
Does not: the forms of rules and loading them (``rulebook``), what happens after a verdict (``publish``). The only importer
of great_expectations.

Why numbers and frames: great-expectations cannot validate DuckDB through SQLAlchemy, and it passes on an empty suite, an
empty table and a column of NaN. So the database reduces each rule to a number or a small frame of evidence. All numbers of
a run are judged in one suite, each frame by its own expectation, and the gate fails on missing results, exceptions, too few
rows, NULL, NaN and infinity before it believes a pass.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import math
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

import duckdb

from warehouse.database import quoted
from warehouse.rulebook import FINITE, Rule, Severity

OUTCOMES = ("passed", "failed", "accepted", "not_applicable")
ROWS_SHOWN = 12  # of the rows that a rule forbids; all are counted
Outcome = Literal["passed", "failed", "accepted", "not_applicable"]
Seen = tuple[bool, str, str]  # success, what was raised, what was observed as JSON


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one rule. ``observed`` is what was seen, as short JSON; ``error`` says why a rule could not run.

    ``rows`` are the first rows that a ``none`` rule forbids. ``accepted``: failed, and a person released just this
    evidence; ``error`` then holds the reason given.
    """

    rule_id: str
    mart: str
    severity: Severity
    outcome: Outcome
    expectation: str
    observed: str
    because: str
    error: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()

    @property
    def evidence(self) -> str:
        """Short name of what was seen: an acceptance holds for this rule and this evidence, for nothing else."""
        seen = json.dumps([self.rule_id, self.observed, self.error, self.rows], default=str, sort_keys=True)
        return hashlib.sha256(seen.encode()).hexdigest()[:12]

    @property
    def refuses(self) -> bool:
        """A critical rule that did not pass."""
        return self.severity == "critical" and self.outcome == "failed"


def judge(
    con: duckdb.DuckDBPyConnection,
    rules: Mapping[str, Sequence[Rule]],
    marts: Sequence[str],
    as_of: Any,
    has_previous: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
    accepted: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> list[Verdict]:
    """Judge the candidate open read-only at ``con`` (catalog default; ``previous`` attached when ``has_previous``).

    A mart without rules, rules without their mart, and an empty rule set are failures, not passes. ``accepted`` gives
    the reason by (rule, evidence) of what a person released; a rule that could not run is not released.
    """
    reading = _Evidence(con, as_of, has_previous)
    of_mart = {mart: [reading.written_out(rule) for rule in rules.get(mart, ())] for mart in marts}
    todo = [rule for own in of_mart.values() for rule in own]
    numbers: dict[str, float] = {}
    verdicts: dict[str, Verdict] = {}
    engine = _engine()
    for own in of_mart.values():
        for rule, seen in reading.of(own):
            if isinstance(seen, float):
                numbers[rule.rule_id] = seen
            else:
                verdicts[rule.rule_id] = seen if isinstance(seen, Verdict) else _of_frame(rule, seen, engine)
            progress(len(numbers) + len(verdicts), len(todo))
    counted = [rule for rule in todo if rule.rule_id in numbers]
    for rule, outcome, error in _of_numbers(counted, numbers, engine):
        rows, unread = reading.forbidden(rule) if rule.none and outcome == "failed" and not error else ((), "")
        seen_of_it = _number_seen(numbers[rule.rule_id], rows)
        verdicts[rule.rule_id] = _verdict(rule, outcome, seen_of_it, error or unread, rows)
    ordered = [*_nobody_judges(rules, marts), *(verdicts[rule.rule_id] for rule in todo)]
    return [_released(verdict, accepted) for verdict in ordered]


def _nobody_judges(rules: Mapping[str, Sequence[Rule]], marts: Sequence[str]) -> list[Verdict]:
    """What would be published, or left out, without a rule that says so."""

    def refused(rule_id: str, mart: str, because: str, error: str) -> Verdict:
        return Verdict(rule_id, mart, "critical", "failed", "rules", "{}", because, error)

    found = [
        refused(
            f"{m}.rules_exist",
            m,
            "A mart nobody judges is not published.",
            f"warehouse/rules/{m}.yml is missing or empty",
        )
        for m in marts
        if not rules.get(m)
    ]
    found += [
        refused(f"{m}.mart_exists", m, "Every mart with rules is published.", "mart is missing")
        for m in rules
        if m not in marts
    ]
    if not marts:
        found.append(refused("gate.not_empty", "", "An empty candidate is not published.", "no marts"))
    return found


def _released(verdict: Verdict, accepted: Mapping[tuple[str, str], str]) -> Verdict:
    reason = accepted.get((verdict.rule_id, verdict.evidence)) if verdict.outcome == "failed" else None
    if reason is None or verdict.error:
        return verdict
    return replace(verdict, outcome="accepted", error=f"accepted: {reason}")


def _verdict(
    rule: Rule, outcome: Outcome, observed: str = "{}", error: str = "", rows: tuple[Mapping[str, Any], ...] = ()
) -> Verdict:
    return Verdict(rule.rule_id, rule.mart, rule.severity, outcome, rule.expect, observed, rule.because, error, rows)


def _number_seen(value: float, rows: Sequence[Mapping[str, Any]]) -> str:
    """What was seen of a number: itself, and of rows that are forbidden the first name of each."""
    seen: dict[str, Any] = {"observed_value": value}
    names = [next(iter(row.values())) for row in rows if row]
    if names and all(isinstance(name, str) for name in names):
        seen["partial_unexpected_list"] = names
    return json.dumps(seen)[:1000]


class _Evidence:
    """What the candidate shows of rules: a number, a frame, or at once the verdict where it shows nothing to judge."""

    def __init__(self, con: duckdb.DuckDBPyConnection, as_of: Any, has_previous: bool) -> None:
        self._con, self._as_of, self._has_previous = con, as_of, has_previous
        self._doubles: dict[str, list[str]] | None = None

    def written_out(self, rule: Rule) -> Rule:
        """The rule with its condition in SQL, where that depends on the columns the mart has."""
        return replace(rule, none=self._finite(rule.mart)) if rule.none == FINITE else rule

    def of(self, rules: Sequence[Rule]) -> list[tuple[Rule, float | Verdict | Any]]:
        """The evidence of the rules of one mart, in their order. What can be counted in one scan of the mart is."""
        together = self._in_one_scan([r for r in rules if r.aggregate and not r.needs_previous])
        return [(r, together[r.rule_id] if r.rule_id in together else self._alone(r)) for r in rules]

    def forbidden(self, rule: Rule) -> tuple[tuple[Mapping[str, Any], ...], str]:
        """The first rows that a ``none`` rule forbids, in an order of their own, and why they could not be read, if so."""
        columns = ", ".join(quoted(name) for name in rule.shows) or "*"
        try:
            found = self._run(f"SELECT * FROM ({rule.forbidden(columns)}) ORDER BY ALL LIMIT {ROWS_SHOWN}")
        except duckdb.Error as error:
            return (), _said(error)
        names = [column[0] for column in found.description or ()]
        return tuple(dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()), ""

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        return self._con.execute(sql, {"as_of": self._as_of} if "$as_of" in sql else None)

    def _in_one_scan(self, rules: Sequence[Rule]) -> dict[str, float | Verdict]:
        """Numbers of several rules from one look at their mart; empty when that fails, and each is looked at alone."""
        if not rules:
            return {}
        try:
            row = (
                self._run(f"SELECT {', '.join(f'({r.aggregate})' for r in rules)} FROM {rules[0].table}").fetchone()
                or ()
            )
            return {r.rule_id: _number(r, value) for r, value in zip(rules, row, strict=True)}
        except (duckdb.Error, ValueError):  # one of them cannot be run: alone, each says for itself what is wrong
            return {}

    def _alone(self, rule: Rule) -> float | Verdict | Any:
        if rule.needs_previous and not self._has_previous:
            return _verdict(rule, "not_applicable", error="no previous generation")
        try:
            if not rule.query:
                table = self._run(rule.frame).to_arrow_table()
                problem = _vacuous(table, rule)
                return _verdict(rule, "failed", error=problem) if problem else table
            rows = self._run(rule.query).fetchall()
            if len(rows) != 1 or len(rows[0]) != 1:
                return _verdict(rule, "failed", error=f"value must give one number; it gave {len(rows)} rows")
            return _number(rule, rows[0][0])
        except Exception as error:  # whatever breaks a rule must fail it: a gate that cannot judge does not pass
            return _verdict(rule, "failed", error=_said(error))

    def _finite(self, mart: str) -> str:
        """True for rows with NaN or infinity in a column that can hold them."""
        if self._doubles is None:  # of all marts at once: each question looks through the columns of all
            self._doubles = {}
            for name, column in self._con.execute(
                "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts' AND data_type IN ('DOUBLE', 'FLOAT')"
                " AND database_name = current_database() ORDER BY table_name, column_index"
            ).fetchall():
                self._doubles.setdefault(name, []).append(column)
        return " OR ".join(f"NOT isfinite({quoted(name)})" for name in self._doubles.get(mart, ())) or "false"


def _number(rule: Rule, value: Any) -> float | Verdict:
    """The number a rule is about, or the verdict where there is none to judge. Bounds are far below 2^53, so a larger
    integer lies outside of them as a float too."""
    if value is None:
        return _verdict(rule, "failed", error="the evidence is NULL")
    if isinstance(value, bool) or (not isinstance(value, int | float) and not hasattr(value, "__float__")):
        return _verdict(rule, "failed", error=f"the evidence is no number: {value!r}"[:500])
    if not math.isfinite(value):
        return _verdict(rule, "failed", error="the evidence is NaN or infinity")
    return float(value)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _vacuous(table: Any, rule: Rule) -> str:
    """Why a pass on this frame would mean nothing; empty when it means something."""
    if table.num_rows < rule.least_rows:
        return f"the evidence has {table.num_rows} rows; at least {rule.least_rows} are needed to judge"
    import pyarrow as pa
    import pyarrow.compute as pc

    for column in _judged_columns(rule.arguments):
        if column not in table.column_names:
            return f"the evidence has no column {column!r}"
        values = table.column(column)
        if values.null_count and (not rule.allow_null or values.null_count == table.num_rows):
            return f"{values.null_count} of {table.num_rows} values of {column!r} are NULL"
        if pa.types.is_floating(values.type) and not pc.all(pc.is_finite(pc.drop_null(values))).as_py():
            return f"{column!r} holds NaN or infinity"
    return ""


def _judged_columns(arguments: Mapping[str, Any]) -> list[str]:
    """The columns an expectation looks at: great-expectations passes rows in which they are NULL."""
    single = [arguments[name] for name in ("column", "column_A", "column_B") if name in arguments]
    return [*single, *arguments.get("column_list", ())]


def _of_frame(rule: Rule, table: Any, engine: _Engine) -> Verdict:
    try:
        success, raised, observed = engine.expect(table.to_pandas(), rule.expect, rule.arguments)
    except Exception as error:  # as above
        return _verdict(rule, "failed", error=_said(error))
    if raised:
        return _verdict(rule, "failed", observed, raised[:500])
    return _verdict(rule, "passed" if success is True else "failed", observed)


def _of_numbers(
    rules: Sequence[Rule], numbers: Mapping[str, float], engine: _Engine
) -> list[tuple[Rule, Literal["passed", "failed"], str]]:
    """What one suite of great-expectations says of every number: (rule, outcome, why it could not be judged).

    An answer that does not speak of all of them, or not as plain arithmetic does, is believed for none of them.
    """
    if not rules:
        return []
    import pandas as pd

    bounds = [r.bounds for r in rules]
    low = [-math.inf if b[0] is None else float(b[0]) for b in bounds]
    high = [math.inf if b[1] is None else float(b[1]) for b in bounds]
    value = [numbers[r.rule_id] for r in rules]
    frame = pd.DataFrame({"rule": [r.rule_id for r in rules], "value": value, "low": low, "high": high})
    try:
        outside, problem = frozenset(engine.outside(frame)), ""
    except Exception as error:  # as above
        outside, problem = frozenset(), _said(error)
    plainly = {r.rule_id for r, v, a, b in zip(rules, value, low, high, strict=True) if not a <= v <= b}
    if not problem and outside != plainly:
        problem = f"great-expectations finds {sorted(outside)[:3]} out of bounds, arithmetic {sorted(plainly)[:3]}"
    return [(r, "failed" if problem or r.rule_id in outside else "passed", problem) for r in rules]


@cache
def warm() -> None:
    """Import great-expectations ahead of its use, on a thread of its own (once a process), while answers are loaded."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    threading.Thread(
        target=importlib.import_module, args=("great_expectations",), name="warm gate", daemon=True
    ).start()


class _Engine:
    """One ephemeral great-expectations context, and the two questions the gate asks of it."""

    def __init__(self) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"  # must be set before the import: it decides about network use
        logging.getLogger("great_expectations").setLevel(logging.WARNING)
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        # its import sets this one to INFO, which would put a line about a temporary folder on everybody's terminal
        logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
        self._gx = gx
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._batches = (
            self._context.data_sources.add_pandas("gate")
            .add_dataframe_asset("evidence")
            .add_batch_definition_whole_dataframe("all")
        )

    def expect(self, frame: Any, name: str, arguments: Mapping[str, Any]) -> Seen:
        """One expectation on one frame."""
        from great_expectations.expectations.registry import get_expectation_impl

        result = self._batches.get_batch({"dataframe": frame}).validate(get_expectation_impl(name)(**arguments))
        seen = {
            k: v
            for k, v in (result.result or {}).items()
            if k in ("observed_value", "element_count", "unexpected_count", "partial_unexpected_list")
        }
        return bool(result.success), _raised(result), json.dumps(seen, default=str)[:1000]

    def outside(self, frame: Any) -> frozenset[str]:
        """The rules whose ``value`` does not lie between ``low`` and ``high``, both included, by one suite over all rows.

        Raises RuntimeError when an expectation gave no result or did not look at every row.
        """
        pairs = (("value", "low"), ("high", "value"))
        expectation: Any = self._gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB  # type: ignore[attr-defined]
        suite = self._gx.ExpectationSuite(
            "numbers", [expectation(column_A=a, column_B=b, or_equal=True) for a, b in pairs]
        )
        shape = {"result_format": "COMPLETE", "unexpected_index_column_names": ["rule"]}
        answer = self._batches.get_batch({"dataframe": frame}).validate(suite, result_format=shape)
        if len(answer.results) != len(pairs):
            raise RuntimeError(f"great-expectations answered {len(answer.results)} of {len(pairs)} expectations")
        found: set[str] = set()
        for one in answer.results:
            seen, raised = one.result or {}, _raised(one)
            if raised or seen.get("element_count") != len(frame):
                raise RuntimeError(
                    raised or f"great-expectations looked at {seen.get('element_count')} of {len(frame)} numbers"
                )
            named = {str(row["rule"]) for row in seen.get("unexpected_index_list") or ()}
            if bool(one.success) != (not named) or len(named) != seen.get("unexpected_count"):
                raise RuntimeError(f"great-expectations counted {seen.get('unexpected_count')} and named {len(named)}")
            found |= named
        return frozenset(found)


def _raised(result: Any) -> str:
    """What great-expectations could not do, in its words; empty when it judged."""
    info = result.exception_info or {}
    nested = [info, *[value for value in info.values() if isinstance(value, dict)]]
    told = (str(i.get("exception_message")) for i in nested if i.get("raised_exception") or i.get("exception_message"))
    raised = next(told, "")
    if not result.result and not raised:
        raised = "great-expectations gave no result"
    if (result.result or {}).get("element_count") == 0 and not raised:
        raised = "great-expectations looked at no row"
    return raised


def _engine() -> _Engine:
    return _Engine()
