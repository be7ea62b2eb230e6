"""One dbt manifest for command line, UI and tests, kept in step with the project by a hash.

Belongs here: parsing when something changed, reading what dbt knows about marts. Does not: running models.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ingestion import seeds
from orchestration.dbt import environment, invoke
from orchestration.settings import DBT_PROJECT
from warehouse.candidate import MartColumn, MartSpec
from warehouse.changes import Reads
from warehouse.files import atomic_write

TARGET = DBT_PROJECT / "target"
MANIFEST = TARGET / "manifest.json"
PARSED = TARGET / "partial_parse.msgpack"
STAMP = TARGET / "manifest.sha256"


class ManifestError(Exception):
    """The manifest is missing or the project does not parse. Says what to do."""


def project_hash() -> str:
    """Hash of every file that dbt parses."""
    digest = hashlib.sha256()
    skip = {"target", "logs", "updraft_engine", "updraft_kernels", "__pycache__"}
    for path in sorted(
        p for p in DBT_PROJECT.rglob("*") if p.is_file() and p.suffix in (".sql", ".yml", ".py", ".csv")
    ):
        if not skip & set(path.relative_to(DBT_PROJECT).parts):
            digest.update(str(path.relative_to(DBT_PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def ensure_manifest() -> Path:
    """The manifest of the project as it stands; parses only when something changed. Safe to call from many processes."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with (TARGET / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = project_hash()
        if MANIFEST.exists() and PARSED.exists() and STAMP.exists() and STAMP.read_text() == wanted:
            return MANIFEST
        # The file's stem becomes the catalog name inside the manifest, so every build file is called build.duckdb.
        with environment(UPDRAFT_BUILD=str(TARGET / "build.duckdb")):
            outcome = invoke(["parse", "--no-partial-parse", "--target-path", str(TARGET)])
        if not outcome.success:
            raise ManifestError(f"dbt cannot parse {DBT_PROJECT}: {outcome.exception or 'see the messages above'}")
        atomic_write(STAMP, wanted.encode())
    read_manifest.cache_clear()
    return MANIFEST


def parsed_manifest(parsed: Path = PARSED) -> Any:
    """The manifest as dbt's object, as the parse that wrote ``parsed`` left it, so that a run does not parse again.

    Read anew each time: variables never change the graph, but one that was built from remembers what stood in which SQL.
    """
    from dbt.contracts.graph.manifest import Manifest

    manifest: Any = Manifest.from_msgpack(parsed.read_bytes())
    manifest.build_flat_graph()
    return manifest


@lru_cache(1)
def read_manifest() -> dict[str, Any]:
    """The manifest as a dict. Raises ManifestError if none was made."""
    if not MANIFEST.exists():
        raise ManifestError(f"{MANIFEST} is missing: run `updraft manifest` (make ui and make run do it for you)")
    found: dict[str, Any] = json.loads(MANIFEST.read_bytes())
    return found


def marts() -> list[MartSpec]:
    """Every model of schema ``marts``, by name, with its documentation, parents and what its page declares."""
    manifest = read_manifest()
    specs = []
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] == "marts":
            declared = node["config"]["meta"]
            specs.append(
                MartSpec(
                    node["name"],
                    node["description"],
                    tuple(MartColumn(c["name"], c["description"]) for c in node["columns"].values()),
                    tuple(sorted(_label(manifest, parent) for parent in node["depends_on"]["nodes"])),
                    key=tuple(declared.get("key", ())),
                    statuses={name: tuple(columns) for name, columns in declared.get("statuses", {}).items()},
                    values={name: tuple(words) for name, words in declared.get("values", {}).items()},
                    joins=declared.get("joins", {}),
                )
            )
    return sorted(specs, key=lambda spec: spec.name)


@lru_cache(1)
def reads() -> dict[str, Reads]:
    """By ``schema.table`` of every model that is a table: what it is made of, with views and inlined models seen through.

    Seeds are left out: they change with the code.
    """
    manifest = read_manifest()
    nodes, macros = manifest["nodes"], manifest["macros"]

    @cache
    def asks_for_the_moment(macro: str) -> bool:
        met, todo = set[str](), [macro]
        while todo:  # macros may call each other in a circle
            if (name := todo.pop()).startswith("macro.updraft.") and name not in met:
                met.add(name)
                todo += macros[name]["depends_on"]["macros"]
        return "macro.updraft.as_of" in met

    @cache
    def made_of(unique_id: str) -> Reads:
        node = nodes[unique_id]
        tables: set[str] = set()
        datasets: set[str] = set()
        # a view of the staging layer asks for the moment too: which facts that lets in is told by dataset
        as_of = node["schema"] != "staging" and any(map(asks_for_the_moment, node["depends_on"]["macros"]))
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("source."):
                datasets.add(manifest["sources"][parent]["name"].removesuffix("_superseded"))
            elif nodes[parent]["resource_type"] != "model":
                continue
            elif nodes[parent]["config"]["materialized"] in ("view", "ephemeral"):
                seen = made_of(parent)
                tables |= set(seen.tables)
                datasets |= set(seen.datasets)
                as_of |= seen.as_of
            else:
                tables.add(_label(manifest, parent))
        return Reads(tuple(sorted(tables)), tuple(sorted(datasets)), as_of)

    return {
        _label(manifest, unique_id): made_of(unique_id)
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model" and node["config"]["materialized"] not in ("view", "ephemeral")
    }


def model_of(reading: Mapping[str, Any]) -> str:
    """The model that makes a reading, by its row of seeds/indicators.csv: that of its family, else of its indicator.

    Raises ManifestError where there is not exactly one.
    """
    wanted = f"family_{reading['family']}" if reading["family"] else f"{reading['indicator_id'].lower()}_"
    names = [n["name"] for n in read_manifest()["nodes"].values() if n["schema"] == "indicators"]
    found = [n for n in names if n == wanted or (not reading["family"] and n.startswith(wanted))]
    if len(found) != 1:
        raise ManifestError(
            f"{reading['reading_id']}: {len(found)} models in dbt_project/models/indicators are called {wanted}"
            + ("" if reading["family"] else "<what it is>.sql")
        )
    return str(found[0])


def readings() -> dict[str, dict[str, Any]]:
    """The rows of seeds/indicators.csv by reading; an empty cell is None."""
    return {row["reading_id"]: row for row in seeds.table("indicators").iter_rows(named=True)}


def _label(manifest: dict[str, Any], unique_id: str) -> str:
    node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
    return f"{node['schema']}.{node['name']}"
