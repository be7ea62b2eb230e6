"""The dbt project as assets, run in this process. Belongs here: names, groups and events; SQL lives in dbt_project."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets

from orchestration import attempts, lake, steps
from orchestration.defs.raw import OWNERS
from orchestration.history import NOTHING_NEW, skipped
from orchestration.manifest import read_manifest
from orchestration.progress import current
from orchestration.settings import Settings
from warehouse.generations import Generation

MANIFEST = read_manifest()


class Translator(DagsterDbtTranslator):
    """Dagster key = DuckDB schema.table = dbt schema.name; groups by layer, indicators by driver."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The spec of one dbt node."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        if node["resource_type"] == "source":
            # the twin table of older versions, and the rows set aside, are written by the same asset
            return spec.replace_attributes(key=dg.AssetKey(["raw", node["name"].removesuffix("_superseded")]))
        folders = node["fqn"][1:-1]
        group = "_".join(folders) if node["resource_type"] == "model" else "seeds"
        return spec.replace_attributes(
            key=dg.AssetKey([node["schema"], node["name"]]),
            group_name=group,
            owners=OWNERS,
            kinds={"duckdb", "dbt"},
        )


@dbt_assets(
    manifest=MANIFEST,
    dagster_dbt_translator=Translator(
        DagsterDbtTranslatorSettings(enable_asset_checks=False, enable_duplicate_source_asset_keys=True)
    ),
    name="dbt",
)
def transform(context: dg.AssetExecutionContext) -> Iterator[dg.Output[None]]:
    """Compute every table as of the run's moment; skipped when the published generation already is the answer."""
    settings = Settings.from_env()
    same = steps.unchanged(settings)
    if same:
        attempts.end(settings.home, "nothing new", f"{same.name} already is the answer")
        _say_why_skipped(context, same)
        if lake.bring_up_to_date(settings):
            context.log.info(f"the lake has {same.name}")
        return
    facts = steps.facts_of(settings)
    outputs = {spec.key: name for name, spec in _outputs(context)}
    for node in steps.computing(settings, current(), facts):
        kind = node.unique_id.split(".")[0]
        if kind not in ("model", "seed"):
            continue
        info = MANIFEST["nodes"][node.unique_id]
        key = dg.AssetKey([info["schema"], info["name"]])
        if node.status == "success" and key in outputs:
            yield dg.Output(
                None,
                outputs[key],
                metadata={"seconds": round(node.seconds, 2), "dagster/relation_identifier": f"{info['schema']}.{info['name']}",
                          "build": facts.build_id},
            )  # fmt: skip
    context.log.info(f"build {facts.build_id} is finished: {steps.last_build(settings).plan}")


def _say_why_skipped(context: dg.AssetExecutionContext, same: Generation) -> None:
    """Dagster only shows that the steps after this one did not run: the run's tags and the published asset tell why."""
    why = skipped(same.name, same.receipt["as_of"])
    context.log.info(why.description or "")
    context.instance.add_run_tags(context.run_id, NOTHING_NEW)
    context.log_event(why)


def _outputs(context: dg.AssetExecutionContext) -> list[tuple[str, dg.AssetSpec]]:
    definition = context.assets_def
    return [(name, definition.specs_by_key[key]) for name, key in definition.keys_by_output_name.items()]
