"""Finds every connector and renders what is derived from their declarations.

Belongs here: the list of sources in an order that respects ``needs`` and ``reads``, the checks each declaration must
pass, and what dbt reads of it: ``sources.yml``, the staging models (unless ``own_staging``), the seed ``datasets.csv``, the
macros ``datasets.sql`` and ``int_observations_known.sql``. Does not: knowledge of any one source.
``python -m ingestion.registry`` writes the files; with ``--check`` it only says which are not up to date.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import polars as pl

from ingestion import sources
from ingestion.source import IS_PRESENT, SYSTEM_COLUMNS, UNITS, Column, Source

DBT = Path(__file__).resolve().parent.parent / "dbt_project"
STAGING = Path("models/staging")
MARK = "Generated from the source declarations: python -m ingestion.registry. Do not edit."
LINE = 120  # the width sqlfmt keeps


def _found() -> Iterable[Source]:
    for module in pkgutil.iter_modules(sources.__path__, f"{sources.__name__}."):
        declared = getattr(importlib.import_module(module.name), "SOURCES", None)
        if not isinstance(declared, tuple):
            raise ValueError(f"{module.name} must export SOURCES, a tuple of Source")
        yield from declared


def problems(source: Source, known: Iterable[str]) -> list[str]:
    """What is wrong with one declaration, one line each; ``known`` holds the names of all datasets."""
    names = set(source.columns)
    used = {
        *source.key,
        source.observed,
        *filter(None, (source.series_column, source.reach, source.grid.series if source.grid else None)),
    }
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
        f"dataset {name!r} is not declared"
        for name in (*source.needs, *source.beside, source.reads)
        if name and name not in known
    ]
    if (source.requests is None) != (source.reads is not None):
        found.append("a source either has requests or reads another's landing")
    if source.requests is not None and not source.hosts:
        found.append("a source that asks must name its hosts")
    if source.complete_after is not None and (source.snapshot or not source.series_column):
        found.append("complete_after needs a series_column, and a snapshot is complete anyway")
    if source.key_variable and not source.key_variable.endswith("_API_KEY"):
        found.append("key_variable must end in _API_KEY, or the client would not know its value for a secret")
    if source.stale_after_sessions is not None and source.lag_sessions is None:
        found.append("stale_after_sessions needs lag_sessions, the ordinary delay")
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
    sorter = TopologicalSorter(
        {s.dataset: {*s.needs, *s.beside, *([s.reads] if s.reads else [])} for s in by_name.values()}
    )
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
        "stale_after_sessions": source.stale_after_sessions,
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
    return _yaml({"version": 2, "sources": [raw]})


def _yaml(value: dict[str, Any]) -> str:
    import yaml

    return f"# {MARK}\n{yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=LINE)}"


VERSION_COLUMNS = {
    "valid_until": Column(
        pl.Datetime("us", "UTC"), "ts", "When the next version became known; null while it is the newest"
    ),
    "version_no": Column(pl.Int64(), "count", "1 is what was said first"),
}


def _staged(source: Source) -> dict[str, Column]:
    """The columns of a rendered staging model."""
    present = {"is_present": IS_PRESENT} if source.tells_absence else {}
    system = {name: SYSTEM_COLUMNS[name] for name in ("source", "known_at")}
    versions = {"first_seen_at": SYSTEM_COLUMNS["first_seen_at"], **VERSION_COLUMNS}
    return {**source.columns, **present, **system, **(versions if source.versions == "all" else {})}


def staging_sql(source: Source) -> str:
    """The staging model of a dataset: its declared columns of the newest version, or of all versions, known at as_of."""
    names = ["coalesce(is_present, true) as is_present" if n == "is_present" else n for n in _staged(source)]
    one_line = f"select {', '.join(names)}"
    select = one_line if len(one_line) <= LINE else "select\n    " + ",\n    ".join(names)
    macro = "all_versions" if source.versions == "all" else "known_rows"
    key = ", ".join(f'"{name}"' for name in source.key)
    return f'-- {MARK}\n{select}\nfrom ({{{{ {macro}("{source.dataset}", [{key}]) }}}})\n'


def staging_yml() -> str:
    """The page of every rendered staging model."""
    models = []
    for source in _rendered():
        told = "every version" if source.versions == "all" else "newest version"
        key = [*source.key, *(["version_no"] if source.versions == "all" else [])]
        columns: list[dict[str, Any]] = [
            {"name": name, "description": f"[{column.unit}] {column.doc}"} for name, column in _staged(source).items()
        ]
        next(one for one in columns if one["name"] == "known_at")["data_tests"] = ["not_null"]
        narrowed = f"coalesce(list_contains(string_split($inputs, ' '), {source.input_id}), true)"
        models.append(
            {
                "name": f"stg_{source.dataset}",
                "description": f"{source.title}: {told} known at as_of.",
                **({"config": {"meta": {"inputs": {source.dataset: narrowed}}}} if source.input_id else {}),
                "columns": columns,
                "data_tests": [{"unique_combination": {"arguments": {"columns": key}}}],
            }
        )
    return _yaml({"version": 2, "models": models})


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def datasets_csv() -> str:
    """The seed by which ``source_health`` judges each dataset."""
    names = ("cadence", "lag_sessions", "stale_after_sessions", "criticality", "key_variable", "needs_contact")
    rows = [",".join(["dataset", *names])]
    for source in all_sources():
        rows.append(",".join([source.dataset, *(_cell(getattr(source, name)) for name in names)]))
    return "\n".join(rows) + "\n"


def observations_sql() -> str:
    """``int_observations_known.sql``: how far each dataset reached, and when that became known."""
    arms = []
    for source in all_sources():
        observed = _day(source, source.reach or source.observed)
        arms.append(
            f"select '{source.dataset}' as dataset, {observed} as observed, known_at, count(*) as n\n"
            f'from {{{{ ref("stg_{source.dataset}") }}}}\nwhere {observed} is not null\ngroup by all\n'
        )
    head = f"-- {MARK}\n-- How far each dataset reached: the newest observation and when it became known.\n"
    return head + "union all\n".join(arms) + "order by dataset, observed, known_at\n"


def _day(source: Source, column: str) -> str:
    """SQL for the day of a column: of a moment, its UTC day."""
    is_moment = isinstance(source.columns[column].dtype, pl.Datetime)
    return f"cast(timezone('UTC', {column}) as date)" if is_moment else column


def grids_sql() -> str:
    """The macros that tell ``int_holes.sql`` which days are expected of which datasets."""
    rows = []
    for source in all_sources():
        if source.grid is not None:
            first = ["version_no = 1"] if source.versions == "all" else []
            wanted = " and ".join([*first, *([source.grid.rows] if source.grid.rows else [])]) or "true"
            series = source.grid.series or "'all'"
            cells = (source.dataset, series, _day(source, source.observed), source.grid.kind, wanted)
            rows.append("    (" + ", ".join(f'"{cell}"' for cell in cells) + "),\n")
    newest = ", ".join(f'"{source.dataset}"' for source in all_sources() if source.versions == "newest")
    return (
        f"-- fmt: off\n{{# {MARK} #}}\n"
        "{# Dataset, its series, the day of a row, which days are expected, the rows of the staging model that are meant. #}\n"
        f"{{% macro datasets_with_a_grid() %}}{{{{ return([\n{''.join(rows)}]) }}}}{{% endmacro %}}\n\n"
        "{# Datasets whose staging model has the newest version of each key only. #}\n"
        f"{{% macro datasets_of_newest() %}}{{{{ return([{newest}]) }}}}{{% endmacro %}}\n"
    )


def _rendered() -> list[Source]:
    return [source for source in all_sources() if not source.own_staging]


def rendered() -> dict[Path, str]:
    """Every file that follows from the declarations, by path below ``dbt_project``."""
    return {
        Path("models/sources.yml"): sources_yml(),
        STAGING / "staging.yml": staging_yml(),
        **{STAGING / f"stg_{source.dataset}.sql": staging_sql(source) for source in _rendered()},
        Path("models/intermediate/int_observations_known.sql"): observations_sql(),
        Path("macros/datasets.sql"): grids_sql(),
        Path("seeds/datasets.csv"): datasets_csv(),
    }


def differences() -> list[Path]:
    """Files that are not what the declarations say, and generated staging models whose dataset is gone."""
    wanted = rendered()
    generated = [p for p in (DBT / STAGING).glob("*.sql") if p.read_text(encoding="utf-8").startswith(f"-- {MARK}")]
    stray = [p.relative_to(DBT) for p in generated if p.relative_to(DBT) not in wanted]
    held = {path: (DBT / path).read_text(encoding="utf-8") if (DBT / path).exists() else None for path in wanted}
    return [*(path for path, text in wanted.items() if held[path] != text), *stray]


if __name__ == "__main__":
    found = differences()
    if "--check" in sys.argv:
        if found:
            sys.exit(f"not what the declarations say: {', '.join(map(str, found))}. Run python -m ingestion.registry")
    else:
        texts = rendered()
        for path in found:
            if path in texts:
                (DBT / path).write_text(texts[path], encoding="utf-8")
            else:
                (DBT / path).unlink()
