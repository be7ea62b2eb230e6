"""No model skips a layer or reads backwards, and every model has its page. Read from the files: no manifest needed."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from ingestion.source import UNITS

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS = PROJECT / "models"
MAY_READ = {
    "staging": set(),
    "intermediate": {"staging", "intermediate", "seeds"},
    "indicators": {"intermediate", "indicators", "seeds"},
    "answer": {"intermediate", "indicators", "answer", "seeds"},
    "marts": {"intermediate", "indicators", "answer", "marts", "seeds"},
}
REF = re.compile(r"""ref\(\s*["'](\w+)["']\s*\)""")
SOURCE = re.compile(r"""source\(\s*["']|known_rows\(|all_versions\(""")


@lru_cache(1)
def models() -> dict[str, Path]:
    found = [p for p in MODELS.rglob("*") if p.suffix in (".sql", ".py")]
    names = [p.stem for p in found]
    assert len(names) == len(set(names)), "two models share a name"
    return {p.stem: p for p in sorted(found)}


def layer(path: Path) -> str:
    return path.relative_to(MODELS).parts[0]


def layer_of(name: str) -> str:
    if (PROJECT / "seeds" / f"{name}.csv").exists():
        return "seeds"
    assert name in models(), f"ref('{name}') is neither a model nor a seed"
    return layer(models()[name])


@pytest.mark.parametrize("name", models())
def test_a_model_reads_only_what_its_layer_may(name: str) -> None:
    path = models()[name]
    text = path.read_text()
    read = {ref: layer_of(ref) for ref in REF.findall(text)}
    wrong = {ref: found for ref, found in read.items() if found not in MAY_READ[layer(path)]}
    assert not wrong, f"{layer(path)}/{name} may not read {wrong}"
    if layer(path) != "staging":
        assert not SOURCE.search(text), f"{name} reads raw; only staging may"


def test_references_have_no_cycle() -> None:
    graph = {n: {r for r in REF.findall(p.read_text()) if r in models()} for n, p in models().items()}
    while graph:
        free = [name for name, reads in graph.items() if not reads & graph.keys()]
        assert free, f"a cycle among {sorted(graph)}"
        for name in free:
            del graph[name]


def test_the_check_sees_a_skipped_layer() -> None:
    """The regular expressions find what they are for."""
    assert REF.findall("""select * from {{ ref("stg_x") }} join {{ ref('int_y') }}""") == ["stg_x", "int_y"]
    assert SOURCE.search('{{ source("raw", "x") }}') and SOURCE.search('{{ all_versions("x", ["k"]) }}')


@pytest.mark.parametrize(
    "name", [n for n, p in models().items() if layer(p) in ("intermediate", "answer", "marts", "indicators")]
)
def test_every_model_is_described_beside_it(name: str) -> None:
    path = models()[name]
    page = path.with_suffix(".yml")
    assert page.exists(), f"{page.name} is missing beside {path.name}"
    (model,) = yaml.safe_load(page.read_text())["models"]
    assert model["name"] == name and model["description"].strip()


@pytest.mark.parametrize("name", ["all_readings", *(n for n, p in models().items() if layer(p) == "marts")])
def test_published_columns_have_a_unit_and_a_type(name: str) -> None:
    (model,) = yaml.safe_load(models()[name].with_suffix(".yml").read_text())["models"]
    columns = {column["name"]: column for column in model["columns"]}
    for column in columns.values():
        unit = re.match(r"\[(\w+)\] \S", column["description"])
        assert unit and unit[1] in UNITS, (
            f"{name}.{column['name']}: the description must start with a [unit] of the list"
        )
        assert column.get("data_type"), f"{name}.{column['name']} has no data_type"
    if layer(models()[name]) == "marts":
        # session_date is the row's own session. A dimension has none; what speaks as of the build says so in its name.
        dated = {"session_date", "built_for_session"} & columns.keys()
        assert len(dated) == (0 if name.startswith("dim_") else 1), f"{name} needs session_date or built_for_session"
        assert "known_at" in columns, f"{name} needs known_at"


def orphans(sql: str) -> list[str]:
    """Comment lines of a word or two in the middle of a sentence: what the formatter leaves of a line that was too long."""
    said = [line.strip() for line in sql.splitlines()]
    return [
        line
        for before, line, after in zip(said, said[1:], said[2:], strict=False)
        if before.startswith("-- ") and line.startswith("-- ") and after.startswith("-- ")
        and len(line) < 33 and not line.endswith((".", ":", ";"))
    ]  # fmt: skip


def test_comments_are_whole() -> None:
    found = {path.name: orphans(path.read_text()) for path in PROJECT.glob("m*/**/*.sql")}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert orphans("-- A line that was too long for the formatter, so it put\n-- aside\n-- one word.") == ["-- aside"]
