"""The publishing asset: one operation that contains the gate. Its checks only display what the gate decided."""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration import answer, attempts, board, lake, steps
from orchestration.defs.raw import OWNERS
from orchestration.history import PUBLISHED as KEY
from orchestration.manifest import marts
from orchestration.progress import current
from orchestration.settings import Settings
from warehouse.gate import Verdict
from warehouse.publish import PublishRefused
from warehouse.report.conclusion import to_markdown
from warehouse.rulebook import load_rules

MARTS = marts()
RULES = load_rules(MARTS)


def _results(verdicts: Sequence[Verdict]) -> Iterator[dg.AssetCheckResult]:
    """One check per mart that has rules, each with the table of its rules: hundreds of single checks bury the failed one."""
    for mart in RULES:
        own = [v for v in verdicts if v.mart == mart]
        failed = [v for v in own if v.outcome == "failed"]
        yield dg.AssetCheckResult(
            passed=bool(own) and not failed,
            check_name=mart,
            asset_key=KEY,
            severity=dg.AssetCheckSeverity.ERROR
            if any(v.refuses for v in failed) or not own
            else dg.AssetCheckSeverity.WARN,
            description="; ".join(f"{v.rule_id.partition('.')[2]}: {v.because}" for v in failed) or None,
            metadata={
                "rules": dg.MetadataValue.md(board.rule_table(own)),
                "passed": sum(v.outcome == "passed" for v in own),
                "failed": len(failed),
                "not applicable": sum(v.outcome == "not_applicable" for v in own),
            },
        )


@dg.asset(
    key=KEY,
    deps=[dg.AssetKey(["marts", spec.name]) for spec in MARTS],
    group_name="published",
    owners=OWNERS,
    kinds={"duckdb", "parquet", "greatexpectations"},
    description="The generation readers see. Contains the gate: candidate, verdicts, meta, Parquet twin, page, receipt, one flip.",
    check_specs=[
        dg.AssetCheckSpec(
            mart,
            asset=KEY,
            description=f"The gate's verdict on marts.{mart}: {len(rules)} rules.",
            blocking=any(rule.severity == "critical" for rule in rules),
        )
        for mart, rules in RULES.items()
    ],
)
def updraft(context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """Judge the newest build and publish it, or keep what is served."""
    settings = Settings.from_env()
    build = steps.last_build(settings)
    try:
        done = steps.publish_build(settings, build, current())
    except PublishRefused as refused:
        yield from _results(refused.verdicts)
        raise dg.Failure(str(refused), allow_retries=False) from None
    attempts.end(settings.home, "published" if done.is_new else "not served", done.generation)
    yield from _results(done.verdicts)
    served = {}
    if done.is_new:
        found = answer.read(settings.home)
        told = to_markdown(found.conclusion, {"generation": found.generation, "world": found.world})
        served = {
            "answer": dg.MetadataValue.md(told),
            "drivers": dg.MetadataValue.md(board.driver_table(found)),
            "headline index": dg.MetadataValue.md(board.price_plot(settings.home)),
        }
    yield dg.MaterializeResult(
        metadata={
            **served,
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
    if done.is_new and lake.bring_up_to_date(settings):
        context.log.info(f"the lake has {done.generation}")
