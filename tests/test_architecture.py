"""Who may import what, who may open the database, what modules may be called: read from the source, not from prose."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
PACKAGES = ("ingestion", "warehouse", "orchestration", "dbt_project/updraft_engine", "dbt_project/updraft_kernels")
FOLDERS_WITH_README = (
    "ingestion", "ingestion/sources", "ingestion/sample", "ingestion/sample/vendors", "warehouse", "warehouse/rules",
    "warehouse/report", "dbt_project", "orchestration", "tests", "tests/compute/second", "tests/faults", "tests/defects", "tests/bench", "tests/look",
)  # fmt: skip


@dataclass(frozen=True)
class Import:
    """One imported module (for ``from a import b`` both ``a`` and ``a.b``) and whether it happens inside a function."""

    file: str
    module: str
    is_lazy: bool

    def is_of(self, *packages: str) -> bool:
        return any(self.module == name or self.module.startswith(name + ".") for name in packages)


@lru_cache
def tree(file: str) -> ast.Module:
    return ast.parse((REPO / file).read_text())


def files(*folders: str) -> list[str]:
    found = [path for folder in folders for path in sorted((REPO / folder).rglob("*.py"))]
    return [str(path.relative_to(REPO)) for path in found if "data" not in path.relative_to(REPO).parts]


def imports(*folders: str) -> Iterator[Import]:
    for file in files(*folders):
        module = tree(file)
        lazy = {id(inner) for node in ast.walk(module) if isinstance(node, ast.FunctionDef) for inner in ast.walk(node)}
        package = list(Path(file).parent.parts)
        for node in ast.walk(module):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*above, *([node.module] if node.module else [])])
                names = [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "import_module",
                "importlib.import_module",
                "__import__",
            ):
                names = [ast.literal_eval(node.args[0])] if isinstance(node.args[0], ast.Constant) else []
            yield from (Import(file, name, id(node) in lazy) for name in names)


def test_the_reader_of_imports_sees_them() -> None:
    """So that an empty result below means something."""
    seen = set(imports("ingestion", "warehouse", "orchestration"))
    assert Import("ingestion/http.py", "httpx", False) in seen
    assert Import("warehouse/raw.py", "ingestion.source.Source", False) in seen
    assert any(one.is_of("great_expectations") and one.is_lazy for one in seen)
    assert all(files(package) for package in PACKAGES)


def test_ingestion_knows_neither_disk_nor_run() -> None:
    banned = ("warehouse", "orchestration", "duckdb", "dagster", "dagster_dbt", "dbt", "great_expectations")
    assert [one for one in imports("ingestion") if one.is_of(*banned)] == []


def test_warehouse_knows_the_contract_and_no_network() -> None:
    banned = (
        "httpx",
        "httpcore",
        "requests",
        "urllib.request",
        "socket.create_connection",
        "dagster",
        "dagster_dbt",
        "dbt",
        "orchestration",
    )
    assert [one for one in imports("warehouse") if one.is_of(*banned)] == []
    # the contract, and the judgement of values that a source declares in it
    allowed = ("ingestion.source", "ingestion.plausible")
    assert {one.module for one in imports("warehouse") if one.is_of("ingestion")} - {"ingestion"} <= {
        one.module for one in imports("warehouse") if one.is_of(*allowed)
    }


def test_kernels_are_pure() -> None:
    banned = ("ingestion", "warehouse", "orchestration", "duckdb", "dagster", "httpx", "dbt")
    assert [one for one in imports("dbt_project/updraft_kernels") if one.is_of(*banned)] == []


def test_the_rooms_of_the_sample_know_only_what_is_below_them() -> None:
    """The world knows no vendor and no fault; faults know no vendor and no world."""
    sample = "ingestion.sample"
    world = [one for one in imports("ingestion/sample/world") if one.is_of(sample)]
    assert world
    assert [one for one in world if not one.is_of(f"{sample}.world")] == []
    above = (f"{sample}.vendor", f"{sample}.vendors", f"{sample}.registry", f"{sample}.world")
    assert [one for one in imports("ingestion/sample/faults") if one.is_of(*above)] == []


def test_great_expectations_is_imported_by_the_gate_alone_and_late() -> None:
    found = [one for one in imports(*PACKAGES) if one.is_of("great_expectations")]
    assert {one.file for one in found} == {"warehouse/gate.py"}
    assert all(one.is_lazy for one in found)


def test_nobody_needs_an_extra_who_did_not_ask_for_it() -> None:
    """Extras are imported inside functions, or in a module that only its own setting makes Dagster load."""
    extras = ("psycopg2", "dagster_postgres", "pyspark", "moto", "boto3")
    found = {one for one in imports(*PACKAGES, "tests") if one.is_of(*extras) and not one.is_lazy}
    own = ("tests/scale/", "orchestration/postgres.py")
    assert found and [one for one in found if not one.file.startswith(own)] == []


def test_the_network_is_touched_in_one_place() -> None:
    found = {
        one.file
        for one in imports(*PACKAGES)
        if one.is_of("httpx", "httpcore", "requests", "urllib.request", "aiohttp")
    }
    allowed = {"ingestion/http.py", "ingestion/transport.py"}
    assert {file for file in found if not file.startswith("ingestion/sample/")} == allowed


def test_the_database_is_opened_by_the_warehouse_alone() -> None:
    opening = {
        file
        for file in files(*PACKAGES)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("duckdb.connect")
    }
    assert opening == {"warehouse/database.py"}
    importing = {one.file for one in imports(*PACKAGES) if one.module == "duckdb.connect"}
    assert importing == set(), "`from duckdb import connect` would hide a call"


@pytest.mark.parametrize("banned", ["utils", "util", "helpers", "helper", "common", "base", "misc"])
def test_modules_are_named_after_what_they_hold(banned: str) -> None:
    named = [file for file in files(*PACKAGES, "tests") if banned in Path(file).with_suffix("").parts]
    assert named == []


@pytest.mark.parametrize("file", files(*PACKAGES))
def test_a_module_starts_by_saying_what_it_holds(file: str) -> None:
    assert Path(file).name == "__init__.py" or ast.get_docstring(tree(file))


@pytest.mark.parametrize("folder", FOLDERS_WITH_README)
def test_every_folder_says_what_belongs_in_it(folder: str) -> None:
    readme = REPO / folder / "README.md"
    assert readme.is_file(), f"{folder} needs a README.md"
    assert len(readme.read_text()) > 200
