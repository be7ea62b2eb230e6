"""The gate: judge a candidate's tables with the rules of ``rules/<mart>.yml``. Reads, never writes.

Belongs here: loading rules, running them through great-expectations, and refusing to be fooled by vacuous passes.
Does not: what a rule says (YAML), what happens after a verdict (``publish``). The only importer of great_expectations.

Why frames: great-expectations cannot validate DuckDB through SQLAlchemy, and it passes on an empty suite, an empty
table and a column of NaN. So each rule gets a small evidence frame from native SQL, and the wrapper fails on missing
results, exceptions, too few rows, NULL, NaN and infinity before it believes a pass.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import duckdb
import yaml

from warehouse.store import quoted

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same language, ten times faster where libyaml is built in
RULES = Path(__file__).resolve().parent / "rules"
Severity = Literal["critical", "warning"]
_EXACT = 2**53  # integers beyond it are not exact as doubles
OUTCOMES = ("passed", "failed", "accepted", "not_applicable")
STATUSES = (
    "OK", "WARMUP", "LOW_COVERAGE", "STALE_INPUT", "SUSPECT_INPUT", "NO_ACTIONS", "NOT_PUBLISHED", "UNDEFINED",
    "ILL_CONDITIONED", "NOT_AVAILABLE",
)  # fmt: skip
ROWS_SHOWN = 12  # of the rows that a `none` rule forbids; all are counted
_RULE_KEYS = {
    "id", "none", "frame", "expect", "with", "severity", "because", "needs_previous", "least_rows", "allow_null"
}  # fmt: skip
_NO_ROW = {"column": "n", "min_value": 0, "max_value": 0}


class RuleError(Exception):
    """A rules file cannot be used. Names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation on one evidence frame. ``frame`` is SQL over ``marts.*`` (and ``previous.marts.*``).

    A rule of the form ``none`` is a query that may give no row: its frame counts them, and the first ones are shown.
    """

    rule_id: str
    mart: str
    frame: str
    expect: str
    arguments: Mapping[str, Any]
    severity: Severity
    because: str
    needs_previous: bool = False
    least_rows: int = 1
    allow_null: bool = False
    none: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one rule. ``observed`` is what was seen, as short JSON; ``error`` says why a rule could not run.

    ``rows`` are the first rows that a ``none`` rule forbids. ``accepted``: failed, and a person released just this
    evidence; ``error`` then holds the reason given.
    """

    rule_id: str
    mart: str
    severity: Severity
    outcome: Literal["passed", "failed", "accepted", "not_applicable"]
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


def _parsed(path: Path) -> Any:
    """The YAML of a rules file. Raises ValueError for a key given twice: the second would silently replace the first."""
    text = path.read_text()
    nodes = [yaml.compose(text, LOADER)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            names = [key.value for key, _ in node.value]
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated:
                raise ValueError(f"line {node.start_mark.line + 1}: keys given twice: {repeated}")
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
    return yaml.load(text, LOADER)


def load_rules(folder: Path = RULES) -> dict[str, list[Rule]]:
    """All rules by mart: the structural ones every mart gets, then its own. Raises RuleError on anything unknown."""
    found: dict[str, list[Rule]] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            text = _parsed(path)
            mart, key, floor = text["mart"], list(text["key"]), int(text["floor"])
            if mart != path.stem or set(text) - {"mart", "key", "floor", "rules", "may_be_empty"}:
                raise RuleError(
                    f"{path.name}: the file must be named after its mart and hold only mart, key, floor, may_be_empty, rules"
                )
            if floor < 1 and not text.get("may_be_empty"):
                raise RuleError(f"{path.name}: floor 0 needs may_be_empty with the reason")
            own = [_rule(path, mart, entry) for entry in text.get("rules", [])]
        except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
            raise RuleError(
                f"{path.name}: {type(error).__name__}: {error}; see rules/README.md for the form"
            ) from error
        rules = [*_structure(mart, key, floor), *own]
        ids = [rule.rule_id for rule in rules]
        if len(set(ids)) != len(ids):
            raise RuleError(f"{path.name}: rule ids must be unique")
        found[mart] = rules
    return found


def _rule(path: Path, mart: str, entry: Any) -> Rule:
    if not isinstance(entry, dict):
        raise RuleError(f"{path.name}: a rule must be a mapping, not {entry!r}")
    unknown = set(entry) - _RULE_KEYS
    if unknown or entry["severity"] not in ("critical", "warning") or not str(entry["because"] or "").strip():
        raise RuleError(
            f"{path.name}: rule {entry.get('id')}: unknown keys {sorted(unknown)}, or severity/because missing"
        )
    none = str(entry.get("none") or "").strip()
    if none and {"frame", "expect", "with"} & set(entry):
        raise RuleError(f"{path.name}: rule {entry['id']}: `none` stands alone, without frame, expect and with")
    if not none and not isinstance(entry["with"], dict):
        raise RuleError(f"{path.name}: rule {entry['id']}: `with` must hold the arguments of {entry['expect']}")
    frame = f"SELECT count(*) AS n FROM ({none})" if none else entry.get("frame")
    return Rule(
        rule_id=f"{mart}.{entry['id']}",
        mart=mart,
        frame=frame or f"SELECT * FROM marts.{quoted(mart)}",
        expect="expect_column_values_to_be_between" if none else entry["expect"],
        arguments=_NO_ROW if none else _spelled_out(entry["with"]),
        none=none,
        severity=entry["severity"],
        because=" ".join(str(entry["because"]).split()),
        needs_previous=bool(entry.get("needs_previous", False)),
        least_rows=int(entry.get("least_rows", 1)),
        allow_null=bool(entry.get("allow_null", False)),
    )


def _spelled_out(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of an expectation; ``value_set: "@statuses"`` means every status a mart may give."""
    return {name: list(STATUSES) if value == "@statuses" else value for name, value in arguments.items()}


def _structure(mart: str, key: Sequence[str], floor: int) -> list[Rule]:
    """What every mart must be: enough rows, a key that is complete and unique, finite numbers, nothing from the future."""
    table, columns = f"marts.{quoted(mart)}", ", ".join(quoted(k) for k in key)
    some_null = " OR ".join(f"{quoted(k)} IS NULL" for k in key)

    def rule(name: str, frame: str, low: int, high: int | None, because: str) -> Rule:
        return Rule(
            f"{mart}.{name}", mart, frame, "expect_column_values_to_be_between",
            {"column": "n", "min_value": low, "max_value": high}, "critical", because,
        )  # fmt: skip

    return [
        rule("rows", f"SELECT count(*) AS n FROM {table}", floor, None, "A mart with too few rows was not built from what it needs."),
        rule("key_unique", f"SELECT count(*) - count(DISTINCT ({columns})) AS n FROM {table}", 0, 0, "Each row is one fact: the key may not repeat."),
        rule("key_complete", f"SELECT count(*) AS n FROM {table} WHERE {some_null}", 0, 0, "A row without its key cannot be joined or traced."),
        rule("finite", "@finite", 0, 0, "NaN and infinity are not values; missing is NULL with a status."),
        rule("known_by_as_of", f"SELECT count(*) AS n FROM {table} WHERE known_at IS NULL OR known_at > $as_of", 0, 0,
             "A published row may only use what was known by the as-of moment."),
    ]  # fmt: skip


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
    verdicts = [
        Verdict(
            f"{mart}.rules_exist",
            mart,
            "critical",
            "failed",
            "rules",
            "{}",
            "A mart nobody judges is not published.",
            "no rules file",
        )
        for mart in marts
        if not rules.get(mart)
    ]
    verdicts += [
        Verdict(
            f"{mart}.mart_exists",
            mart,
            "critical",
            "failed",
            "mart",
            "{}",
            "Every mart with rules is published.",
            "mart is missing",
        )
        for mart in rules
        if mart not in marts
    ]
    if not marts:
        verdicts.append(
            Verdict(
                "gate.not_empty",
                "",
                "critical",
                "failed",
                "marts",
                "{}",
                "An empty candidate is not published.",
                "no marts",
            )
        )
    todo = [rule for mart in marts for rule in rules.get(mart, ())]
    validate = _validator()
    figures: list[tuple[int, Rule, float]] = []  # single figures inside their bounds: confirmed together at the end
    for position, rule in enumerate(todo):
        looked = _look(con, rule, as_of, has_previous, validate)
        if isinstance(looked, float):
            figures.append((len(verdicts), rule, looked))
            looked = _verdict(rule, "failed", error="not judged yet")
        verdicts.append(looked)
        progress(position + 1, len(todo))
    together = _confirmed([(rule, value) for _, rule, value in figures], validate)
    for place, rule, value in figures:
        if together:
            verdicts[place] = _verdict(rule, "passed", json.dumps({"element_count": 1, "observed_value": value}))
        else:
            alone = _look(con, rule, as_of, has_previous, validate, may_wait=False)
            verdicts[place] = alone if isinstance(alone, Verdict) else verdicts[place]
    return [_released(verdict, accepted) for verdict in verdicts]


def _released(verdict: Verdict, accepted: Mapping[tuple[str, str], str]) -> Verdict:
    reason = accepted.get((verdict.rule_id, verdict.evidence)) if verdict.outcome == "failed" else None
    if reason is None or verdict.error:
        return verdict
    return replace(verdict, outcome="accepted", error=f"accepted: {reason}")


def _verdict(
    rule: Rule,
    outcome: Literal["passed", "failed", "not_applicable"],
    observed: str = "{}",
    error: str = "",
    rows: tuple[Mapping[str, Any], ...] = (),
) -> Verdict:
    return Verdict(rule.rule_id, rule.mart, rule.severity, outcome, rule.expect, observed, rule.because, error, rows)


def _look(
    con: duckdb.DuckDBPyConnection,
    rule: Rule,
    as_of: Any,
    has_previous: bool,
    validate: Callable[..., Any],
    *,
    may_wait: bool = True,
) -> Verdict | float:
    """The verdict on one rule; a single figure inside its bounds may come back to be confirmed with others."""
    if rule.needs_previous and not has_previous:
        return _verdict(rule, "not_applicable", error="no previous generation")
    try:
        sql = _finite_sql(con, rule.mart) if rule.frame == "@finite" else rule.frame
        relation = con.execute(sql, {"as_of": as_of} if "$as_of" in sql else None)
        table = relation.to_arrow_table()
        problem = _vacuous(table, rule)
        if problem:
            return _verdict(rule, "failed", error=problem)
        if may_wait and (figure := _figure(table, rule)) is not None:
            return figure
        success, raised, observed = validate(table.to_pandas(), rule.expect, rule.arguments)
        shown = _forbidden(con, rule, as_of) if rule.none and success is not True else ()
    except Exception as error:  # whatever breaks a rule must fail it: a gate that cannot judge does not pass
        return _verdict(rule, "failed", error=f"{type(error).__name__}: {error}"[:500])
    if raised:
        return _verdict(rule, "failed", observed, raised[:500])
    return _verdict(rule, "passed" if success is True else "failed", observed, rows=shown)


def _forbidden(con: duckdb.DuckDBPyConnection, rule: Rule, as_of: Any) -> tuple[Mapping[str, Any], ...]:
    """The first rows that a ``none`` rule forbids, in an order of their own so that they are the same every time."""
    named = {"as_of": as_of} if "$as_of" in rule.none else None
    found = con.execute(f"SELECT * FROM ({rule.none}) ORDER BY ALL LIMIT {ROWS_SHOWN}", named)
    names = [column[0] for column in found.description or ()]
    return tuple(dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall())


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _figure(table: Any, rule: Rule) -> float | None:
    """The one number a rule is about, if it is one and lies in its inclusive bounds; else None (it is judged alone)."""
    bounds = {"column", "min_value", "max_value"}
    if table.num_rows != 1 or rule.expect != "expect_column_values_to_be_between" or set(rule.arguments) - bounds:
        return None
    value = table.column(rule.arguments["column"])[0].as_py()
    low, high = rule.arguments.get("min_value"), rule.arguments.get("max_value")
    if low is None and high is None:
        return None
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in (value, low, high) if n is not None):
        return None
    inside = value is not None and (low is None or value >= low) and (high is None or value <= high)
    return float(value) if inside and abs(value) < _EXACT else None


def _confirmed(figures: Sequence[tuple[Rule, float]], validate: Callable[..., Any]) -> bool:
    """Whether great-expectations agrees, in two calls instead of hundreds, that every figure lies in its bounds."""
    import pandas as pd

    for bound, above, below in (("min_value", "value", "bound"), ("max_value", "bound", "value")):
        rows = [(value, float(r.arguments[bound])) for r, value in figures if r.arguments.get(bound) is not None]
        if not rows:
            continue
        frame = pd.DataFrame(rows, columns=["value", "bound"])
        pair = {"column_A": above, "column_B": below, "or_equal": True}
        try:
            success, raised, observed = validate(frame, "expect_column_pair_values_a_to_be_greater_than_b", pair)
            if raised or success is not True or json.loads(observed).get("element_count") != len(rows):
                return False
        except Exception:  # not confirmed: each is judged alone, and there whatever breaks a rule fails it
            return False
    return True


def _finite_sql(con: duckdb.DuckDBPyConnection, mart: str) -> str:
    doubles = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'marts' AND table_name = ? AND data_type IN ('DOUBLE', 'FLOAT')"
        " AND database_name = current_database() ORDER BY column_index",
        [mart],
    ).fetchall()
    if not doubles:
        return "SELECT 0 AS n"
    bad = " OR ".join(f"NOT isfinite({quoted(name)})" for (name,) in doubles)
    return f"SELECT count(*) AS n FROM marts.{quoted(mart)} WHERE {bad}"


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


@cache
def warm() -> None:
    """Import great-expectations ahead of its use, on a thread of its own (once a process), while answers are loaded."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    threading.Thread(
        target=importlib.import_module, args=("great_expectations",), name="warm gate", daemon=True
    ).start()


def _validator() -> Callable[[Any, str, Mapping[str, Any]], tuple[bool, str, str]]:
    """One ephemeral great-expectations context for all rules; returns (success, exception text, observed JSON)."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # must be set before the import: it decides about network use
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.registry import get_expectation_impl

    # its import sets this one to INFO, which would put a line about a temporary folder on everybody's terminal
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batches = (
        context.data_sources.add_pandas("gate")
        .add_dataframe_asset("evidence")
        .add_batch_definition_whole_dataframe("all")
    )

    def validate(frame: Any, expect: str, arguments: Mapping[str, Any]) -> tuple[bool, str, str]:
        batch = batches.get_batch({"dataframe": frame})
        result = batch.validate(get_expectation_impl(expect)(**arguments))
        info = result.exception_info or {}
        nested = [info, *[value for value in info.values() if isinstance(value, dict)]]
        raised = next(
            (
                str(i.get("exception_message"))
                for i in nested
                if i.get("raised_exception") or i.get("exception_message")
            ),
            "",
        )
        seen = {
            k: v
            for k, v in (result.result or {}).items()
            if k in ("observed_value", "element_count", "unexpected_count", "partial_unexpected_list")
        }
        if not result.result and not raised:
            raised = "great-expectations gave no result"
        if seen.get("element_count") == 0 and not raised:
            raised = "great-expectations looked at no row"
        return bool(result.success), raised, json.dumps(seen, default=str)[:1000]

    return validate


def keys(folder: Path = RULES) -> dict[str, list[str]]:
    """The declared key of every mart, as its rules file states it."""
    return {
        text["mart"]: list(text["key"])
        for path in sorted(folder.glob("*.yml"))
        if (text := yaml.load(path.read_text(), LOADER))
    }
