"""Finds every connector and renders what is derived from their declarations.

Belongs here: the list of sources in an order that respects ``needs`` and ``reads``, the checks each declaration must
pass, and dbt's ``sources.yml``. Does not: knowledge of any one source. ``python -m ingestion.registry`` writes the
file; with ``--check`` it only says whether the file is up to date.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ingestion import sources
from ingestion.source import Column, Source

SOURCES_YML = Path(__file__).resolve().parent.parent / "dbt_project" / "models" / "sources.yml"
UNITS = (
    "usd",
    "pct",
    "pp",
    "bp",
    "ratio",
    "index",
    "count",
    "share",
    "date",
    "ts",
    "id",
    "text",
    "flag",
    "z",
    "probability",
)
_TS = pl.Datetime("us", "UTC")
IS_PRESENT = Column(
    pl.Boolean(), "flag", "False when an earlier answer had the key and this one, which covers it, has not"
)
SYSTEM_COLUMNS: Mapping[str, Column] = {
    "known_at": Column(_TS, "ts", "When this version of the fact could be known (UTC)"),
    "known_at_kind": Column(pl.String(), "text", "published, lag_rule, first_seen or late_arrival"),
    "first_seen_at": Column(_TS, "ts", "When this version was first received (UTC)"),
    "fetched_at": Column(_TS, "ts", "When the answer that holds it was received (UTC)"),
    "source": Column(pl.String(), "id", "Vendor the row came from"),
    "landing_sha256": Column(pl.String(), "id", "sha256 of the vendor's bytes in landing"),
}


def _found() -> Iterable[Source]:
    for module in pkgutil.iter_modules(sources.__path__, f"{sources.__name__}."):
        declared = getattr(importlib.import_module(module.name), "SOURCES", None)
        if not isinstance(declared, tuple):
            raise ValueError(f"{module.name} must export SOURCES, a tuple of Source")
        yield from declared


def problems(source: Source, known: Iterable[str]) -> list[str]:
    """What is wrong with one declaration, one line each; ``known`` holds the names of all datasets."""
    names = set(source.columns)
    used = {*source.key, source.observed, *([source.series_column] if source.series_column else [])}
    used |= {name for rule in source.rules for name in rule.bad.meta.root_names()}
    found = [f"column {name!r} is used but not declared" for name in sorted(used - names)]
    found += [f"column {name!r} is a system column" for name in sorted(names & {*SYSTEM_COLUMNS, "is_present"})]
    found += [
        f"column {n!r}: unit {c.unit!r} is not one of {UNITS}" for n, c in source.columns.items() if c.unit not in UNITS
    ]
    found += [
        f"column {name!r} has no description" for name, column in source.columns.items() if not column.doc.strip()
    ]
    found += [
        f"dataset {name!r} is not declared" for name in (*source.needs, source.reads) if name and name not in known
    ]
    if (source.requests is None) != (source.reads is not None):
        found.append("a source either has requests or reads another's landing")
    if source.requests is not None and not source.hosts:
        found.append("a source that asks must name its hosts")
    if source.complete_after is not None and (source.snapshot or not source.series_column):
        found.append("complete_after needs a series_column, and a snapshot is complete anyway")
    if not (source.licence and source.title):
        found.append("title and licence must not be empty")
    return [f"{source.dataset}: {line}" for line in found]


@lru_cache(1)
def all_sources() -> tuple[Source, ...]:
    """Every source, those that others need or read first, else by name. Raises ValueError with every problem."""
    by_name: dict[str, Source] = {}
    doubled = []
    for source in _found():
        doubled += [f"{source.dataset}: declared twice"] if source.dataset in by_name else []
        by_name[source.dataset] = source
    wrong = doubled + [line for source in by_name.values() for line in problems(source, by_name)]
    if wrong:
        raise ValueError("source declarations: " + "; ".join(wrong))
    sorter = TopologicalSorter({s.dataset: {*s.needs, *([s.reads] if s.reads else [])} for s in by_name.values()})
    order: list[str] = []
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError(f"sources need each other in a circle: {error.args[1]}") from error
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return tuple(by_name[name] for name in order)


def source(dataset: str) -> Source:
    """The source of one dataset. Raises KeyError that names the known ones."""
    for found in all_sources():
        if found.dataset == dataset:
            return found
    raise KeyError(f"no source declares dataset {dataset!r}; known: {[s.dataset for s in all_sources()]}")


def _columns(source: Source) -> list[dict[str, str]]:
    extra = {"is_present": IS_PRESENT} if source.tells_absence else {}
    columns = {**source.columns, **extra, **SYSTEM_COLUMNS}
    return [{"name": name, "description": f"[{column.unit}] {column.doc}"} for name, column in columns.items()]


def _table(source: Source, name: str, content: str) -> dict[str, Any]:
    meta = {
        "vendor": source.vendor,
        "licence": source.licence,
        "domain": source.domain,
        "tier": source.tier,
        "criticality": source.criticality,
        "key": list(source.key),
        "observed": source.observed,
        "stale_after_days": source.stale_after.total_seconds() / 86_400,
    }
    return {
        "name": name,
        "description": f"{source.title}. {content} per {', '.join(source.key)}.",
        "config": {"meta": meta},
        "columns": _columns(source),
    }


def sources_yml() -> str:
    """dbt's declaration of schema ``raw``: each dataset and its superseded twin."""
    tables = []
    for source in all_sources():
        tables.append(_table(source, source.dataset, "The current version of each fact: one row"))
        tables.append(_table(source, f"{source.dataset}_superseded", "Versions since replaced: any number of rows"))
    raw = {"name": "raw", "schema": "raw", "description": "Vendor facts, typed and versioned.", "tables": tables}
    text = yaml.safe_dump({"version": 2, "sources": [raw]}, sort_keys=False, allow_unicode=True, width=120)
    return f"# Generated from the source declarations: python -m ingestion.registry. Do not edit.\n{text}"


if __name__ == "__main__":
    rendered = sources_yml()
    if "--check" not in sys.argv:
        SOURCES_YML.write_text(rendered, encoding="utf-8")
    elif not SOURCES_YML.exists() or SOURCES_YML.read_text(encoding="utf-8") != rendered:
        sys.exit(f"{SOURCES_YML.name} is not what the declarations say: run python -m ingestion.registry")
