"""The rules of the gate as data: what every mart must be by its declaration, and what ``rules/<mart>.yml`` adds.

Belongs here: the three forms of a rule, loading them, and refusing a file that cannot be used. Does not: judging (``gate``),
great-expectations, what a rule says (YAML), what a mart declares (its dbt ``.yml``, read by whoever calls).
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from warehouse.candidate import MartSpec
from warehouse.database import quoted

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same language, ten times faster where libyaml is built in
RULES = Path(__file__).resolve().parent / "rules"
Severity = Literal["critical", "warning"]
STATUSES = (
    "OK", "WARMUP", "LOW_COVERAGE", "STALE_INPUT", "SUSPECT_INPUT", "NO_ACTIONS", "NOT_PUBLISHED", "UNDEFINED",
    "ILL_CONDITIONED", "NOT_AVAILABLE",
)  # fmt: skip
FINITE = "@finite"  # the condition is written when the columns of the candidate are known
_FORMS = {
    "none": {"none"},
    "between": {"between", "value"},
    "free": {"frame", "expect", "with", "least_rows", "allow_null"},
}
_COMMON = {"id", "because", "severity", "needs_previous"}
_FILE = {"floor", "may_be_empty", "rules"}
_QUERY = re.compile(r"\s*(select|with|from)\b", re.IGNORECASE)
_EXPECTATIONS = "great_expectations.expectations.core"


class RuleError(Exception):
    """A rules file cannot be used. Names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule about one mart, in one of three forms.

    ``none``: a condition on the mart's rows, or a query, that no row may satisfy. ``value`` with ``low`` and ``high``
    (either may be None): an aggregate over the mart's rows, or a query, that gives one number between them, ends
    included. ``frame``, ``expect``, ``arguments``: a query and the great-expectations expectation its rows must meet.
    SQL speaks of ``marts.*``, ``meta.*`` and, with ``needs_previous``, ``previous.marts.*``; ``$as_of`` is the moment of
    the build. ``shows`` are the columns of a row that a condition forbids; a query shows its own.
    """

    rule_id: str
    mart: str
    because: str
    severity: Severity = "critical"
    needs_previous: bool = False
    none: str = ""
    value: str = ""
    low: float | None = None
    high: float | None = None
    frame: str = ""
    expect: str = "expect_column_values_to_be_between"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    least_rows: int = 1
    allow_null: bool = False
    shows: tuple[str, ...] = ()

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Between what the rule's number must lie: no row may satisfy ``none``."""
        return (0, 0) if self.none else (self.low, self.high)

    @property
    def aggregate(self) -> str:
        """The rule's number as an aggregate over the rows of its mart; empty where it needs a query of its own."""
        text = self.none or self.value
        if not text or _QUERY.match(text) or re.search(r"\bselect\b", text, re.IGNORECASE):
            return ""
        return f"count(*) FILTER ({self.none})" if self.none else self.value

    @property
    def query(self) -> str:
        """A query that gives the rule's one number; empty for the free form."""
        if self.value:
            return self.value if _QUERY.match(self.value) else f"SELECT {self.value} FROM {self.table}"
        return f"SELECT count(*) FROM ({self.forbidden('*')})" if self.none else ""

    def forbidden(self, columns: str) -> str:
        """A query that gives the rows ``none`` forbids; ``columns`` are of the mart, where it is a condition."""
        return self.none if _QUERY.match(self.none) else f"SELECT {columns} FROM {self.table} WHERE {self.none}"

    @property
    def table(self) -> str:
        """The mart, quoted."""
        return quoted_mart(self.mart)


def load_rules(marts: Sequence[MartSpec], folder: Path = RULES) -> dict[str, list[Rule]]:
    """All rules by mart: what its declaration says, then its file. A mart without a file has none, which is refused.

    Raises RuleError on anything unknown. A file without its mart keeps its own rules: judging refuses the missing mart.
    """
    specs = {spec.name: spec for spec in marts}
    found: dict[str, list[Rule]] = {}
    for path in sorted(folder.glob("*.yml")):
        spec = specs.get(path.stem, MartSpec(path.stem, "", ()))
        try:
            text = _parsed(path)
            floor = int(text["floor"])
            if set(text) - _FILE:
                raise RuleError(
                    f"{path.name}: a rules file holds floor, may_be_empty and rules, not {sorted(set(text) - _FILE)}"
                )
            if floor < 1 and not text.get("may_be_empty"):
                raise RuleError(f"{path.name}: floor 0 needs may_be_empty with the reason")
            own = [_rule(path, spec, entry) for entry in text.get("rules", ())]
        except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
            raise RuleError(
                f"{path.name}: {type(error).__name__}: {error}; see rules/README.md for the form"
            ) from error
        rules = [*(declared(spec, floor) if path.stem in specs else ()), *own]
        ids = [rule.rule_id for rule in rules]
        if len(set(ids)) != len(ids):
            raise RuleError(
                f"{path.name}: rule ids must be unique; given twice: {sorted({i for i in ids if ids.count(i) > 1})}"
            )
        found[path.stem] = rules
    return found


def declared(spec: MartSpec, floor: int) -> Iterator[Rule]:
    """What every mart must be: enough rows, a key that is complete and unique, finite numbers, nothing from the future;
    statuses of the contract, each with the columns it speaks for; values of the vocabulary; keys that join."""

    def rule(name: str, because: str, **form: Any) -> Rule:
        return Rule(f"{spec.name}.{name}", spec.name, because, shows=spec.key, **form)

    if not spec.key:
        raise RuleError(f"{spec.name}: its dbt page must declare config.meta.key, the columns that name a row")
    key = ", ".join(map(quoted, spec.key))
    yield rule("rows", "A mart with too few rows was not built from what it needs.", value="count(*)", low=floor)
    yield rule("key_unique", "Each row is one fact: the key may not repeat.",
               value=f"count(*) - count(DISTINCT ({key}))", low=0, high=0)  # fmt: skip
    yield rule("key_complete", "A row without its key cannot be joined or traced.", none=_any_null(spec.key))
    yield rule("finite", "NaN and infinity are not values; missing is NULL with a status.", none=FINITE)
    yield rule("known_by_as_of", "A published row may only use what was known by the as-of moment.",
               none="known_at IS NULL OR known_at > $as_of")  # fmt: skip
    if spec.statuses:
        words = ", ".join(f"'{word}'" for word in STATUSES)
        yield rule("statuses_known", "A status outside the contract cannot be understood by a reader.",
                   none=" OR ".join(f"{quoted(s)} IS NULL OR {quoted(s)} NOT IN ({words})" for s in spec.statuses))  # fmt: skip
    for status, columns in spec.statuses.items():
        if columns:
            yield rule(f"{status}_explains_null", "Missing is NULL with a reason, and a value never stands beside a failing status.",
                       none=" OR ".join(f"({quoted(c)} IS NULL) <> ({quoted(status)} <> 'OK')" for c in columns))  # fmt: skip
    for column, vocabulary in spec.values.items():
        allowed = ", ".join("'" + word.replace("'", "''") + "'" for word in vocabulary if word is not None)
        absent = "" if None in vocabulary else f"{quoted(column)} IS NULL OR "
        yield rule(f"{column}_in_vocabulary", f"{column} is one of: {', '.join(str(w or 'NULL') for w in vocabulary)}.",
                   none=f"{absent}{quoted(column)} NOT IN ({allowed})")  # fmt: skip
    for column, place in spec.joins.items():
        dimension, _, its_key = place.partition(".")
        mine, there = f"m.{quoted(column)}", f"d.{quoted(its_key or column)}"
        yield rule(f"{column}_joins", "Every key joins a dimension with a human name.",
                   none=f"SELECT DISTINCT {mine} FROM {quoted_mart(spec.name)} m ANTI JOIN {quoted_mart(dimension)} d"
                        f" ON {there} = {mine} WHERE {mine} IS NOT NULL")  # fmt: skip


def quoted_mart(name: str) -> str:
    """A mart in SQL."""
    return f"marts.{quoted(name)}"


def _any_null(columns: Sequence[str]) -> str:
    return " OR ".join(f"{quoted(name)} IS NULL" for name in columns)


def _rule(path: Path, spec: MartSpec, entry: Any) -> Rule:
    if not isinstance(entry, dict):
        raise RuleError(f"{path.name}: a rule must be a mapping, not {entry!r}")
    name, because = entry["id"], " ".join(str(entry["because"] or "").split())
    where = f"{path.name}: rule {name}"
    form = next((form for form, keys in _FORMS.items() if keys & set(entry)), None)
    unknown = set(entry) - _COMMON - _FORMS.get(form or "", set())
    severity = entry.get("severity", "critical")
    if form is None or unknown:
        raise RuleError(
            f"{where}: a rule says `none`, or `between` and `value`, or `frame`, `expect` and `with`; here: {sorted(entry)}"
        )
    if severity not in ("critical", "warning") or not because:
        raise RuleError(
            f"{where}: severity is critical or warning, and because a sentence; here: {severity!r}, {because!r}"
        )
    said: dict[str, Any] = {"severity": severity, "needs_previous": bool(entry.get("needs_previous", False))}
    if form == "none":
        text = _sql(where, entry["none"])
        named = {column.name for column in spec.columns} & set(re.findall(r"\w+", text))
        said |= {
            "none": text,
            "shows": tuple(dict.fromkeys([*spec.key, *(c.name for c in spec.columns if c.name in named)])),
        }
    elif form == "between":
        low, high = entry["between"]
        given = [bound for bound in (low, high) if bound is not None]
        if not given or not all(isinstance(b, int | float) and not isinstance(b, bool) for b in given):
            raise RuleError(f"{where}: between holds two numbers, at most one of them null; here: {entry['between']!r}")
        said |= {"value": _sql(where, entry["value"]), "low": low, "high": high}
    else:
        if not isinstance(entry["with"], dict):
            raise RuleError(f"{where}: `with` must hold the arguments of {entry['expect']}")
        if entry["expect"] not in expectations():
            raise RuleError(f"{where}: great-expectations has no {entry['expect']!r}; its names: {_EXPECTATIONS}")
        said |= {"frame": _sql(where, entry["frame"]), "expect": entry["expect"], "arguments": entry["with"],
                 "least_rows": int(entry.get("least_rows", 1)), "allow_null": bool(entry.get("allow_null", False))}  # fmt: skip
    return Rule(f"{spec.name}.{name}", spec.name, because, **said)


def _sql(where: str, text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise RuleError(f"{where}: SQL is missing; here: {text!r}")
    return text.strip().rstrip(";")


@cache
def expectations() -> frozenset[str]:
    """The names of the expectations that great-expectations brings, read from its files: importing it takes seconds."""
    spec = importlib.util.find_spec("great_expectations")
    places = list(spec.submodule_search_locations or ()) if spec else []
    pages = [Path(place) / "expectations" / "core" / "__init__.py" for place in places]
    return frozenset(name for page in pages for name in re.findall(r"from \.(expect_\w+) import", page.read_text()))


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
