"""Rules as data: what a rules file may hold. No great-expectations here: its import costs seconds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from warehouse import gate
from warehouse.gate import RuleError, load_rules

REPO = Path(__file__).resolve().parents[2]
RULE = {
    "id": "positive",
    "expect": "expect_column_values_to_be_between",
    "with": {"column": "value", "min_value": 0},
    "severity": "critical",
    "because": "A price is above zero.",
}
FILE = {"mart": "prices", "key": ["day"], "floor": 10, "rules": [RULE]}


def loaded(folder: Path, text: object, name: str = "prices.yml") -> dict[str, list[gate.Rule]]:
    (folder / name).write_text(text if isinstance(text, str) else yaml.safe_dump(text))
    return load_rules(folder)


def test_every_mart_gets_the_structural_rules_and_its_own(tmp_path: Path) -> None:
    rules = loaded(tmp_path, FILE)["prices"]
    assert [rule.rule_id for rule in rules] == [
        f"prices.{name}" for name in ("rows", "key_unique", "key_complete", "finite", "known_by_as_of", "positive")
    ]
    assert all(rule.severity == "critical" and rule.because for rule in rules)
    assert rules[0].arguments["min_value"] == 10
    own = rules[-1]
    assert (own.frame, own.expect, own.least_rows, own.allow_null) == (
        'SELECT * FROM marts."prices"',
        RULE["expect"],
        1,
        False,
    )
    assert gate.keys(tmp_path) == {"prices": ["day"]}


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in FILE.items() if name not in names}


def with_rule(**changes: object) -> dict[str, object]:
    return FILE | {"rules": [RULE | changes]}


BROKEN = {
    "no mart": without("mart"),
    "no key": without("key"),
    "no floor": without("floor"),
    "unknown key": FILE | {"rulez": []},
    "wrong mart": FILE | {"mart": "bonds"},
    "floor not a number": FILE | {"floor": "many"},
    "floor of nothing": FILE | {"floor": 0},
    "rules null": FILE | {"rules": None},
    "rule is text": FILE | {"rules": ["positive"]},
    "rule with unknown key": with_rule(mostly=0.9),
    "rule without because": FILE | {"rules": [{k: v for k, v in RULE.items() if k != "because"}]},
    "because blank": with_rule(because=" \n"),
    "because null": with_rule(because=None),
    "severity unknown": with_rule(severity="info"),
    "severity null": with_rule(severity=None),
    "arguments null": with_rule(**{"with": None}),
    "arguments a list": with_rule(**{"with": ["value"]}),
    "no expectation": FILE | {"rules": [{k: v for k, v in RULE.items() if k != "expect"}]},
    "no id": FILE | {"rules": [{k: v for k, v in RULE.items() if k != "id"}]},
    "duplicate id": FILE | {"rules": [RULE, RULE]},
    "id of a structural rule": with_rule(id="key_unique"),
    "least rows not a number": with_rule(least_rows="some"),
    "empty file": "",
    "a list": "- 1\n",
    "not yaml": "mart: [",
    "python tag": "!!python/object/apply:os.system ['true']",
    "rules twice": yaml.safe_dump(FILE) + "rules: []\n",
    "severity twice": yaml.safe_dump(FILE).replace("  severity: critical", "  severity: critical\n  severity: warning"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, fault: str) -> None:
    with pytest.raises(RuleError, match=r"^prices\.yml: "):
        loaded(tmp_path, BROKEN[fault])


def test_an_empty_mart_needs_a_reason(tmp_path: Path) -> None:
    rules = loaded(tmp_path, FILE | {"floor": 0, "may_be_empty": "No such days before 2020."})
    assert rules["prices"]


def test_no_files_are_no_rules(tmp_path: Path) -> None:
    assert load_rules(tmp_path) == {}


def test_the_rules_of_the_repository_load() -> None:
    rules = load_rules()
    assert set(rules) == {path.stem for path in (REPO / "dbt_project/models/marts").glob("*.yml")}


def test_importing_the_gate_does_not_import_great_expectations() -> None:
    code = (
        "import sys, warehouse.gate, warehouse.publish; warehouse.gate.load_rules()\n"
        "print([m for m in ('great_expectations', 'pandas', 'scipy', 'dbt', 'dagster') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_dbt_knows_the_same_statuses_as_the_gate() -> None:
    """The generic test of dbt cannot read the gate's list, so it repeats it."""
    text = (REPO / "dbt_project" / "tests" / "generic" / "known_status.sql").read_text()
    assert re.findall(r"'([A-Z_]+)'", text) == list(gate.STATUSES)
