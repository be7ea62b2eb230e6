"""One asset per dataset of the registry, all made by one step: ask, land, load. Belongs here: how a dataset shows in Dagster."""

from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg

from ingestion.registry import all_sources
from ingestion.source import Source
from orchestration import attempts, lake
from orchestration.health import data_freshness, freshness_limit
from orchestration.lineage import readings_of
from orchestration.settings import Settings
from orchestration.steps import ask_and_load

OWNERS = ["team:updraft"]
NOT_RUN_FOR = timedelta(days=4)  # a long weekend; how old the data are is the check ``data_is_fresh``


def key_of(dataset: str) -> dg.AssetKey:
    """The asset key, which is also the table's name in DuckDB and dbt."""
    return dg.AssetKey(["raw", dataset])


def _columns(source: Source) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, str(c.dtype), description=f"[{c.unit}] {c.doc}") for name, c in source.columns.items()
        ]
    )


def spec_of(source: Source) -> dg.AssetSpec:
    """The asset of one source."""
    upstream = [key_of(name) for name in (*source.needs, *source.beside, *([source.reads] if source.reads else []))]
    return dg.AssetSpec(
        key_of(source.dataset),
        deps=upstream,
        group_name=source.domain,
        owners=OWNERS,
        kinds={"duckdb", "polars"},
        tags={"vendor": source.vendor, "criticality": source.criticality, "tier": source.tier},
        description=f"{source.title}\n\nVendor: {source.vendor}. Terms: {source.licence}",
        metadata={
            "dagster/column_schema": _columns(source),
            "dagster/table_name": f"raw.{source.dataset}",
            "key": ", ".join(source.key),
            "serves": ", ".join(readings_of(source.dataset)) or "no reading",
        },
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=NOT_RUN_FOR),
        skippable=True,
    )


def checks_of(source: Source) -> list[dg.AssetCheckSpec]:
    """Whether the vendor answered all that was asked, and how old the data are."""
    checks = [
        dg.AssetCheckSpec("vendor_answered", asset=key_of(source.dataset), description="Every question got an answer.")
    ]
    if limit := freshness_limit(source.dataset):
        checks.append(
            dg.AssetCheckSpec(
                "data_is_fresh",
                asset=key_of(source.dataset),
                description=f"By the dates in the data: at most {limit[1]} sessions behind the exchange calendar.",
            )
        )
    return checks


@dg.multi_asset(
    name="raw",
    specs=[spec_of(source) for source in all_sources()],
    check_specs=[check for source in all_sources() for check in checks_of(source)],
    can_subset=True,
)
def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Ask every vendor, land and load: one step for all datasets, because they are loaded in one session."""
    settings = Settings.from_env()
    if context.job_name == "refresh":
        attempts.begin(settings, context.run_id)
        lake.answers(settings)
    wanted = [source for source in all_sources() if key_of(source.dataset) in context.selected_asset_keys]
    for source, report, loaded in ask_and_load(settings, wanted, _progress):
        problems = [*report.errors, *(loaded.rejected if source.reads is None else [])]
        for problem in problems[:10]:
            context.log.warning(problem)
        if report.lacks:
            context.log.info(f"{source.dataset} was not asked, because {report.lacks} is not set")
        yield dg.MaterializeResult(
            asset_key=key_of(source.dataset),
            metadata={
                "requested": report.requested,
                **({"not asked without": report.lacks} if report.lacks else {}),
                **{f"answers: {name}": count for name, count in report.outcomes.items() if count},
                "missing": ", ".join(sorted(set(report.missing))[:50]) or "none",
                "packs loaded": loaded.packs,
                "rows new": loaded.rows_new,
                "rows revised": loaded.rows_revised,
                "rows quarantined": loaded.rows_quarantined,
                "rebuilt from landing": loaded.rebuilt,
                "newest observation": str(loaded.newest or "none"),
            },
            check_results=[
                result
                for result in (
                    dg.AssetCheckResult(
                        asset_key=key_of(source.dataset),
                        check_name="vendor_answered",
                        passed=not problems,
                        severity=dg.AssetCheckSeverity.WARN,
                        metadata={"asked": report.requested, "problems": dg.MetadataValue.json(problems[:20])},
                    ),
                    *([_freshness(source.dataset, loaded.newest, settings)] if freshness_limit(source.dataset) else []),
                )
                if dg.AssetCheckKey(key_of(source.dataset), result.check_name or "")
                in context.selected_asset_check_keys
            ],
        )


def _freshness(dataset: str, newest: date | None, settings: Settings) -> dg.AssetCheckResult:
    found = data_freshness(dataset, newest, settings.now())
    return dg.AssetCheckResult(
        asset_key=key_of(dataset),
        check_name="data_is_fresh",
        passed=found.is_fresh,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "newest observation": str(found.newest or "none"),
            "expected": str(found.expected or "none"),
            "sessions behind": str(found.sessions_behind) if found.sessions_behind is not None else "holds nothing",
            "allowed": f"{found.limit} sessions",  # text: a number would be drawn as a plot of itself
        },
    )


def _progress(what: str, done: int, total: int) -> None:
    from orchestration.progress import current

    current()(what, done, total)


@dg.definitions
def raw_defs() -> dg.Definitions:
    """Assets of every registered dataset."""
    log = dg.AssetSpec(
        dg.AssetKey(["raw", "fetch_log"]),
        deps=[key_of(source.dataset) for source in all_sources()],
        group_name="reference",
        owners=OWNERS,
        kinds={"duckdb"},
        description="Every question asked of a vendor and its outcome; written by the datasets' own assets as they load.",
    )
    return dg.Definitions(assets=[raw, log])
