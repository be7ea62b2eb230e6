"""Which rows of which dataset a model is made of, from the manifest and what the models' pages declare.

Belongs here: walking from a model to staging and raw, and what narrows its rows. Does not: rows themselves (``trace``).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from orchestration.manifest import model_of, read_manifest, readings

UNUSED = "FALSE"  # a shared model reads the dataset, but nothing of it reaches this cell
CLOSURES = "int_suspected_closures"


def narrowing(model: str) -> dict[str, str]:
    """Dataset to SQL over its raw columns: which rows count for what ``model`` makes; ``FALSE`` where none does.

    Declared as ``config: meta: inputs`` in a model's yml and inherited by what is made of it; what several models narrow
    differently counts for either. The SQL may ask the build (``intermediate.…``) and use the parameters of ``trace``,
    ``$universe``, ``$inputs`` (of seeds/indicators.csv; NULL where a cell is made of more than a reading), ``$column`` and
    the columns of the cell's key.
    """
    return {
        dataset: "TRUE" if "TRUE" in sql else " OR ".join(f"({one})" for one in sorted(sql - {UNUSED})) or UNUSED
        for dataset, sql in _narrowed(node_of(model)).items()
    }


@cache
def _narrowed(key: str) -> dict[str, frozenset[str]]:
    """Dataset → what the model, or else each of its parents, says narrows its rows."""
    nodes, found = read_manifest()["nodes"], dict[str, frozenset[str]]()
    for parent in _parents(key, is_as_told=True):
        told = _narrowed(parent) if parent in nodes else {_dataset(parent): frozenset({"TRUE"})}
        for dataset, sql in told.items():
            found[dataset] = found.get(dataset, frozenset()) | sql
    return found | {dataset: frozenset({sql}) for dataset, sql in meta(key).get("inputs", {}).items()}


def node_of(model: str) -> str:
    """dbt's unique id of a model."""
    nodes: dict[str, dict[str, Any]] = read_manifest()["nodes"]
    return next(key for key, node in nodes.items() if node["resource_type"] == "model" and node["name"] == model)


def meta(key: str) -> dict[str, Any]:
    """What the page of a model declares, by its unique id."""
    found: dict[str, Any] = read_manifest()["nodes"][key]["config"].get("meta", {})
    return found


def _dataset(source: str) -> str:
    """Of a node such as ``source.updraft.raw.yahoo_bars_superseded``."""
    return source.rpartition(".")[2].removesuffix("_superseded")


def _parents(key: str, *, is_as_told: bool) -> list[str]:
    """Models and raw sources that a model's cells are made of. ``is_as_told``: no closure is suspected."""
    node = read_manifest()["nodes"][key]
    found = []
    for parent in sorted(node["depends_on"]["nodes"]):
        kind = parent.partition(".")[0]
        if node["name"] == "int_calendar" and (".stg_" in parent or (is_as_told and parent.endswith(CLOSURES))):
            continue  # it looks at bars only where no as_of is given, and at all prices only to suspect a closure
        if kind == "model" or (kind == "source" and ".quarantine." not in parent):
            found.append(parent)  # what was set aside makes a reading abstain; no figure comes from it
    return found


def ancestry(model: str, *, is_as_told: bool) -> tuple[tuple[str, ...], frozenset[str]]:
    """(models from staging up, datasets they are made of)."""
    nodes = read_manifest()["nodes"]
    order: list[str] = []
    datasets: set[str] = set()

    def visit(key: str) -> None:
        if nodes[key]["name"] in order:
            return
        for parent in _parents(key, is_as_told=is_as_told):
            if parent in nodes:
                visit(parent)
            else:
                datasets.add(_dataset(parent))
        order.append(nodes[key]["name"])

    visit(node_of(model))
    return tuple(order), frozenset(datasets)


@cache
def _readings() -> dict[str, list[str]]:
    """Dataset → the indicators that rows of it reach."""
    found: dict[str, set[str]] = {}
    models = {(model_of(row), row["indicator_id"]) for row in readings().values()}
    reached = {model: [d for d, sql in narrowing(model).items() if sql != UNUSED] for model in {m for m, _ in models}}
    for model, indicator in models:
        for dataset in reached[model]:
            found.setdefault(dataset, set()).add(indicator)
    return {dataset: sorted(ids) for dataset, ids in found.items()}


def readings_of(dataset: str) -> list[str]:
    """The indicators that depend on a dataset, by id (``MA01``), sorted. Raises ManifestError if no manifest was made."""
    return _readings().get(dataset, [])
