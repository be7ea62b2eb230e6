"""The publishing asset: one operation that contains the gate. Its checks only display what the gate decided."""

from collections.abc import Iterator

import dagster as dg

from orchestration import steps
from orchestration.defs.raw import OWNERS
from orchestration.manifest import marts
from orchestration.progress import current
from orchestration.settings import Settings
from warehouse.gate import Verdict, load_rules
from warehouse.publish import PublishRefused

KEY = dg.AssetKey(["published", "updraft"])
RULES = {rule.rule_id: rule for rules in load_rules().values() for rule in rules}


def _check_name(rule_id: str) -> str:
    return rule_id.replace(".", "__")


def _result(verdict: Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=verdict.outcome != "failed",
        check_name=_check_name(verdict.rule_id),
        asset_key=KEY,
        severity=dg.AssetCheckSeverity.ERROR if verdict.severity == "critical" else dg.AssetCheckSeverity.WARN,
        metadata={
            "outcome": verdict.outcome,
            "because": verdict.because,
            "observed": verdict.observed,
            "error": verdict.error,
        },
    )


@dg.asset(
    key=KEY,
    deps=[dg.AssetKey(["marts", spec.name]) for spec in marts()],
    group_name="published",
    owners=OWNERS,
    kinds={"duckdb", "parquet", "greatexpectations"},
    description="The generation readers see. Contains the gate: candidate, verdicts, meta, Parquet twin, page, receipt, one flip.",
    check_specs=[
        dg.AssetCheckSpec(
            _check_name(rule.rule_id), asset=KEY, description=rule.because, metadata={"severity": rule.severity}
        )
        for rule in RULES.values()
    ],
)
def updraft(context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """Judge the newest build and publish it, or keep what is served."""
    settings = Settings.from_env()
    build = steps.last_build(settings)
    try:
        done = steps.publish_build(settings, build, current())
    except PublishRefused as refused:
        for verdict in refused.verdicts:
            if verdict.rule_id in RULES:
                yield _result(verdict)
        raise dg.Failure(str(refused), allow_retries=False) from None
    for verdict in done.verdicts:
        yield _result(verdict)
    yield dg.MaterializeResult(
        metadata={
            "generation": done.generation,
            "is new": done.is_new,
            "path": dg.MetadataValue.path(str(done.path)),
            "as of": str(build.facts.as_of),
            "vendors": build.facts.vendors,
            "rules passed": sum(v.outcome == "passed" for v in done.verdicts),
            "warnings": ", ".join(v.rule_id for v in done.verdicts if v.outcome == "failed") or "none",
        }
    )
    context.log.info(f"published {done.generation}")
