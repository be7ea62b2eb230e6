"""Rules as data: what a mart declares and what a rules file may hold. No great-expectations here: its import costs seconds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from orchestration.manifest import marts
from warehouse import rulebook
from warehouse.candidate import MartColumn, MartSpec
from warehouse.rulebook import Rule, RuleError, load_rules

REPO = Path(__file__).resolve().parents[2]
RULE = {"id": "positive", "none": "value <= 0", "because": "A price is above zero."}
BETWEEN = {"id": "level", "value": "max(value)", "between": [0, 100], "because": "A price below a hundred."}
FREE = {
    "id": "listed",
    "frame": "SELECT DISTINCT kind FROM marts.prices",
    "expect": "expect_column_values_to_be_in_set",
    "with": {"column": "kind", "value_set": ["a"]},
    "because": "One kind.",
}
FILE = {"floor": 10, "rules": [RULE, BETWEEN, FREE]}
SPEC = MartSpec(
    "prices",
    "",
    tuple(MartColumn(name, "") for name in ("day", "value", "status", "kind", "known_at")),
    key=("day",),
    statuses={"status": ("value",), "status_other": ()},
    values={"kind": ("a", None)},
    joins={"day": "dim_calendar"},
)
DECLARED = ("rows", "key_unique", "key_complete", "finite", "known_by_as_of", "statuses_known", "status_explains_null",
            "kind_in_vocabulary", "day_joins")  # fmt: skip


def loaded(folder: Path, text: object, name: str = "prices.yml") -> dict[str, list[Rule]]:
    (folder / name).write_text(text if isinstance(text, str) else yaml.safe_dump(text))
    return load_rules([SPEC], folder)


def test_every_mart_gets_the_rules_of_its_declaration_and_its_own(tmp_path: Path) -> None:
    rules = loaded(tmp_path, FILE)["prices"]
    assert [rule.rule_id for rule in rules] == [f"prices.{n}" for n in (*DECLARED, "positive", "level", "listed")]
    assert all(rule.severity == "critical" and rule.because for rule in rules)
    assert rules[0].bounds == (10, None)
    none, between, free = rules[-3:]
    assert none.bounds == (0, 0) and none.aggregate == "count(*) FILTER (value <= 0)" and none.shows == ("day", "value")
    assert between.bounds == (0, 100) and between.aggregate == "max(value)"
    assert not free.aggregate and not free.query and (free.least_rows, free.allow_null) == (1, False)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("SELECT day FROM marts.prices", "SELECT count(*) FROM (SELECT day FROM marts.prices)"),
        ("WITH x AS (FROM marts.prices) FROM x", "SELECT count(*) FROM (WITH x AS (FROM marts.prices) FROM x)"),
        ("value > (SELECT 1)", 'SELECT count(*) FROM (SELECT * FROM marts."prices" WHERE value > (SELECT 1))'),
    ],
)
def test_what_looks_elsewhere_has_a_query_of_its_own(tmp_path: Path, text: str, query: str) -> None:
    (*_, rule) = loaded(tmp_path, FILE | {"rules": [RULE | {"none": text}]})["prices"]
    assert (rule.aggregate, rule.query) == ("", query)


def test_a_mart_without_a_key_cannot_be_judged(tmp_path: Path) -> None:
    (tmp_path / "prices.yml").write_text(yaml.safe_dump(FILE))
    with pytest.raises(RuleError, match=r"prices: its dbt page must declare config\.meta\.key"):
        load_rules([MartSpec("prices", "", ())], tmp_path)


def test_a_file_without_its_mart_keeps_its_own_rules(tmp_path: Path) -> None:
    (tmp_path / "lost.yml").write_text(yaml.safe_dump(FILE))
    assert [rule.rule_id for rule in load_rules([SPEC], tmp_path)["lost"]] == [
        "lost.positive",
        "lost.level",
        "lost.listed",
    ]


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in FILE.items() if name not in names}


def with_rule(rule: dict[str, object], *left_out: str, **changes: object) -> dict[str, object]:
    return FILE | {"rules": [{k: v for k, v in (rule | changes).items() if k not in left_out}]}


BROKEN = {
    "no floor": without("floor"),
    "unknown key": FILE | {"rulez": []},
    "key of the old form": FILE | {"key": ["day"]},
    "floor not a number": FILE | {"floor": "many"},
    "floor of nothing": FILE | {"floor": 0},
    "rules null": FILE | {"rules": None},
    "rule is text": FILE | {"rules": ["positive"]},
    "rule without a form": with_rule(RULE, "none"),
    "rule with unknown key": with_rule(RULE, mostly=0.9),
    "rule of two forms": with_rule(RULE, frame="FROM marts.prices"),
    "rule without because": with_rule(RULE, "because"),
    "because blank": with_rule(RULE, because=" \n"),
    "because null": with_rule(RULE, because=None),
    "severity unknown": with_rule(RULE, severity="info"),
    "severity null": with_rule(RULE, severity=None),
    "no id": with_rule(RULE, "id"),
    "no condition": with_rule(RULE, none=""),
    "condition no text": with_rule(RULE, none=True),
    "between without value": with_rule(BETWEEN, "value"),
    "between of nothing": with_rule(BETWEEN, between=[None, None]),
    "between of one": with_rule(BETWEEN, between=[1]),
    "between of text": with_rule(BETWEEN, between=["0", "1"]),
    "arguments null": with_rule(FREE, **{"with": None}),
    "arguments a list": with_rule(FREE, **{"with": ["value"]}),
    "no frame": with_rule(FREE, "frame"),
    "no expectation": with_rule(FREE, "expect"),
    "expectation misspelt": with_rule(FREE, expect="expect_column_values_to_be_in_sett"),
    "least rows not a number": with_rule(FREE, least_rows="some"),
    "duplicate id": FILE | {"rules": [RULE, RULE]},
    "id of a declared rule": with_rule(RULE, id="key_unique"),
    "empty file": "",
    "a list": "- 1\n",
    "not yaml": "floor: [",
    "python tag": "!!python/object/apply:os.system ['true']",
    "rules twice": yaml.safe_dump(FILE) + "rules: []\n",
    "because twice": "floor: 1\nrules:\n- {id: a, none: x, because: Yes it is., because: Or so.}\n",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, fault: str) -> None:
    with pytest.raises(RuleError, match=r"^prices\.yml: "):
        loaded(tmp_path, BROKEN[fault])


def test_an_empty_mart_needs_a_reason(tmp_path: Path) -> None:
    rules = loaded(tmp_path, FILE | {"floor": 0, "may_be_empty": "No such days before 2020."})
    assert rules["prices"]


def test_no_files_are_no_rules(tmp_path: Path) -> None:
    assert load_rules([SPEC], tmp_path) == {}


def test_the_rules_of_the_repository_load() -> None:
    assert {path.stem for path in rulebook.RULES.glob("*.yml")} == {spec.name for spec in marts()}
    rules = load_rules(marts())
    assert all(len(own) > len(list(rulebook.declared(spec, 1))) - 1 for spec in marts() for own in [rules[spec.name]])


def test_the_names_of_expectations_are_those_of_great_expectations() -> None:
    """They are read from file names, because importing great-expectations takes seconds; here it is asked."""
    code = (
        "import great_expectations, sys\n"
        "from great_expectations.expectations.registry import list_registered_expectation_implementations as names\n"
        "from warehouse.rulebook import expectations\n"
        "print(*expectations() - set(names()), len(expectations()) > 40)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["expect_multicolumn_values_to_be_unique", "True"], "one is brought but withdrawn"


def test_importing_the_gate_does_not_import_great_expectations() -> None:
    code = (
        "import sys, warehouse.gate, warehouse.publish; from warehouse import rulebook\n"
        "rulebook.load_rules([]); rulebook.expectations()\n"
        "print([m for m in ('great_expectations', 'pandas', 'scipy', 'dbt', 'dagster') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_dbt_knows_the_same_statuses_as_the_gate() -> None:
    """The generic test of dbt cannot read the gate's list, so it repeats it."""
    text = (REPO / "dbt_project" / "tests" / "generic" / "known_status.sql").read_text()
    assert re.findall(r"'([A-Z_]+)'", text) == list(rulebook.STATUSES)
