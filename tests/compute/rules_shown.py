"""The gate's rules of some marts, judged on tables of a few rows: what the tests ``test_rules_of_*`` share.

Belongs here: which rules those are, tables of rows, and who fails. Does not: the rows and faults themselves, and what every
mart is held to (``tests/warehouse/test_gate_judges.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.manifest import marts as specs
from warehouse.rulebook import Rule, load_rules

PAGES = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "marts"
EVERY_MART = r"rows|key_unique|key_complete|finite|known_by_as_of|statuses_known|\w+_explains_null"


def rules_of(marts: Iterable[str], but: str = "") -> dict[str, Rule]:
    """Rules of these marts by name, but what every mart is held to and what ``but`` (alternatives of a pattern) leaves out."""
    left_out = re.compile(rf"\.({EVERY_MART}{'|' if but else ''}{but})$")
    loaded = load_rules(specs())
    return {rule.rule_id: rule for mart in marts for rule in loaded[mart] if not left_out.search(rule.rule_id)}


def failing(con: duckdb.DuckDBPyConnection, rules: Mapping[str, Rule]) -> set[str]:
    """Those that do not hold; what a number must lie between is said here in Python. Rules without a query say nothing."""
    found = set()
    for name, rule in rules.items():
        if rule.query is None:
            continue
        low, high = rule.bounds
        (value,) = con.execute(rule.query).fetchall()[0]
        if not (low is None or value >= low) & (high is None or value <= high):
            found.add(name)
    return found


@cache
def _all_marts() -> str:
    pages = [
        (page.stem, yaml.safe_load(page.read_text())["models"][0]["columns"]) for page in sorted(PAGES.glob("*.yml"))
    ]
    return ";".join(
        f"CREATE TABLE marts.{mart} ({', '.join(c['name'] + ' ' + c['data_type'] for c in columns)})"
        for mart, columns in pages
    )


def create_marts(con: duckdb.DuckDBPyConnection) -> None:
    """Every mart, empty, with the columns its page declares."""
    con.execute(f"SET TimeZone = 'UTC'; CREATE SCHEMA marts; {_all_marts()}")


@contextmanager
def marts_with(rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of all marts with these rows, by mart; columns not named are null."""
    with duckdb.connect() as con:
        create_marts(con)
        for mart, told in rows.items():
            for row in told:
                named, marks = ", ".join(row), ", ".join("?" * len(row))
                con.execute(f"INSERT INTO marts.{mart} ({named}) VALUES ({marks})", list(row.values()))
        yield con
