"""One dbt manifest for command line, UI and tests, kept in step with the project by a hash.

Belongs here: parsing when something changed, reading what dbt knows about marts. Does not: running models.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestration.settings import DBT_PROJECT
from warehouse.candidate import MartColumn, MartSpec
from warehouse.store import atomic_write

TARGET = DBT_PROJECT / "target"
MANIFEST = TARGET / "manifest.json"
PARSED = TARGET / "partial_parse.msgpack"
STAMP = TARGET / "manifest.sha256"


class ManifestError(Exception):
    """The manifest is missing or the project does not parse. Says what to do."""


def project_hash() -> str:
    """Hash of every file that dbt parses."""
    digest = hashlib.sha256()
    skip = {"target", "logs", "updraft_kernels", "__pycache__"}
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
        from orchestration.dbt import environment, invoke

        # The file's stem becomes the catalog name inside the manifest, so every build file is called build.duckdb.
        with environment(UPDRAFT_BUILD=str(TARGET / "build.duckdb")):
            outcome = invoke(["parse", "--no-partial-parse", "--target-path", str(TARGET)])
        if not outcome.success:
            raise ManifestError(f"dbt cannot parse {DBT_PROJECT}: {outcome.exception or 'see the messages above'}")
        atomic_write(STAMP, wanted.encode())
    read_manifest.cache_clear()
    return MANIFEST


@lru_cache(1)
def read_manifest() -> dict[str, Any]:
    """The manifest as a dict. Raises ManifestError if none was made."""
    if not MANIFEST.exists():
        raise ManifestError(f"{MANIFEST} is missing: run `updraft manifest` (make ui and make run do it for you)")
    found: dict[str, Any] = json.loads(MANIFEST.read_bytes())
    return found


def marts() -> list[MartSpec]:
    """Every model of schema ``marts``, by name, with its documentation and parents."""
    manifest = read_manifest()
    specs = []
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] == "marts":
            specs.append(
                MartSpec(
                    node["name"],
                    node["description"],
                    tuple(MartColumn(c["name"], c["description"]) for c in node["columns"].values()),
                    tuple(sorted(_label(manifest, parent) for parent in node["depends_on"]["nodes"])),
                )
            )
    return sorted(specs, key=lambda spec: spec.name)


@lru_cache(1)
def _readers() -> dict[str, frozenset[str]]:
    """By dataset: the indicator models that depend on it, however far downstream.

    What only makes a reading abstain is left out: rows set aside, and bars that tell whether a day was a session. So is
    a dataset of a shared model that the indicator says it does not use (meta ``inputs``: FALSE).
    """
    manifest = read_manifest()
    nodes = manifest["nodes"]
    found: dict[str, frozenset[str]] = {}

    def datasets_of(unique_id: str) -> frozenset[str]:
        if unique_id in manifest["sources"]:
            declared = manifest["sources"][unique_id]
            return frozenset([declared["name"]] if declared["schema"] == "raw" else [])
        if unique_id not in found:
            node = nodes[unique_id]
            parents = node["depends_on"].get("nodes", [])
            if node["name"] == "int_calendar":
                parents = [p for p in parents if ".stg_" not in p and not p.endswith("_closures")]
            found[unique_id] = frozenset().union(*(datasets_of(parent) for parent in parents))
        return found[unique_id]

    readers: dict[str, set[str]] = {}
    for unique_id, node in nodes.items():
        if node["resource_type"] == "model" and node["schema"] == "indicators" and node["name"] != "all_readings":
            narrowed = node["config"].get("meta", {}).get("inputs", {})
            for dataset in datasets_of(unique_id):
                if narrowed.get(dataset) != "FALSE":
                    readers.setdefault(dataset, set()).add(node["name"])
    return {dataset: frozenset(names) for dataset, names in readers.items()}


def readings_of(dataset: str) -> list[str]:
    """The indicators that depend on a dataset, by id (``MA01``), sorted. Raises ManifestError if no manifest was made."""
    return sorted({name.partition("_")[0].upper() for name in _readers().get(dataset, ())})


def _label(manifest: dict[str, Any], unique_id: str) -> str:
    node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
    return f"{node['schema']}.{node['name']}"
