"""What every dataset must have, one case per dataset and step. A case that fails says what to write where.

Belongs here: that a step was not forgotten. Does not: whether it was done well; the tests of the parts show that.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import payloads as p
import polars as pl
import pytest
from defect_list import CATALOGUE, defects

from ingestion import plausible, registry, seeds
from ingestion.fetch import ask
from ingestion.http import Client
from ingestion.sample.registry import vendor_of
from ingestion.sample.transport import SAMPLE_NOW, SampleTransport
from ingestion.source import FetchState, Source, VendorError
from ingestion.transport import Vendors

SOURCES = registry.all_sources()
KEY = "abcdefghijklmnopqrstuvwxyz123456"  # of the form FRED's keys have
each = pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.dataset)


def _sample_now() -> datetime:
    return SAMPLE_NOW


def _frames(source: Source) -> dict[str, pl.DataFrame]:
    """What the sample vendors answer of the datasets a source needs."""
    found = {}
    with Client(Vendors("sample"), _sample_now, transport=SampleTransport(SAMPLE_NOW, ())) as client:
        for name in source.needs:
            needed = registry.source(name)
            assert needed.requests is not None
            given = {seed: seeds.of_world(seed, "sample") for seed in needed.seeds}
            state = FetchState("full", given, frames=_frames(needed))
            frame = ask(client, needed, next(iter(needed.requests(state, SAMPLE_NOW))), _sample_now).frame
            assert frame is not None, f"{name}, which {source.dataset} needs, has no answer"
            found[name] = frame
    return found


@each
def test_it_has_a_staging_model(source: Source) -> None:
    path = registry.STAGING / f"stg_{source.dataset}.sql"
    is_generated = (registry.DBT / path).exists() and registry.MARK in (registry.DBT / path).read_text()
    if source.own_staging:
        held = [(registry.DBT / path).with_suffix(suffix).exists() for suffix in (".sql", ".yml")]
        assert all(held), f"own_staging: write dbt_project/{path} and a .yml beside it, or drop own_staging"
        assert not is_generated, f"dbt_project/{path} is generated although its source declares own_staging: write it"
    else:
        assert is_generated, (
            f"dbt_project/{path} is missing or by hand: run python -m ingestion.registry (or own_staging)"
        )


@each
def test_its_health_is_judged(source: Source) -> None:
    rows = seeds.table("datasets")["dataset"].to_list()
    assert source.dataset in rows, "run python -m ingestion.registry: dbt_project/seeds/datasets.csv lacks its row"
    if source.cadence in ("session", "daily", "weekly", "monthly"):
        assert source.stale_after_sessions, (
            f"ingestion/sources: {source.dataset} comes {source.cadence}; declare lag_sessions and stale_after_sessions"
        )
    if source.cadence in ("session", "daily") and source.grid is None:
        by_hand = registry.DBT / "models" / "intermediate" / "int_holes.sql"
        assert f"'{source.dataset}'" in by_hand.read_text(), (
            f"ingestion/sources: {source.dataset} comes {source.cadence}; declare grid (which days are expected), or a "
            "missing day is never told"
        )


@each
def test_its_grid_is_in_the_unit_test_of_holes(source: Source) -> None:
    if source.grid is not None:
        page = registry.DBT / "models" / "intermediate" / "int_holes.yml"
        assert f"ref('stg_{source.dataset}')" in page.read_text(), (
            f"dbt_project/models/intermediate/{page.name}: give its unit test the input ref('stg_{source.dataset}') "
            "(`rows: []` will do): dbt refuses a unit test that lacks an input"
        )


@each
def test_a_sample_vendor_answers_what_it_asks(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    if source.requests is None:
        assert source.reads
        return
    missing = [host for host in source.hosts if vendor_of(host) is None]
    assert not missing, (
        f"no sample vendor answers for {missing}: write ingestion/sample/vendors/<vendor>.py (README.md there)"
    )
    state = FetchState("full", {name: seeds.of_world(name, "sample") for name in source.seeds}, frames=_frames(source))
    question = next(iter(source.requests(state, SAMPLE_NOW)), None)
    assert question is not None, (
        f"{source.dataset} asks nothing in the sample world: give the seeds {source.seeds} their sample rows "
        "(Vendor.seed_rows of the sample vendor)"
    )
    if source.key_variable:
        monkeypatch.setenv(source.key_variable, KEY)
    with Client(Vendors("sample"), _sample_now, transport=SampleTransport(SAMPLE_NOW, ())) as client:
        received = ask(client, source, question, _sample_now)
    assert received.outcome == "data", (
        f"the sample vendor of {question.url} must answer with data the connector reads: {received.note}"
    )


@each
def test_it_has_a_payload_which_is_also_its_fuzz_case(source: Source) -> None:
    path = Path(p.__file__).with_name(f"{source.dataset}.py")
    assert path.exists(), (
        f"write tests/ingestion/payloads/{path.name}: SERIES and BODIES (payloads/__init__.py says what)"
    )
    series, bodies = p.of(source.dataset)
    try:
        frame = source.parse(bodies[0], p.request(series))
    except VendorError as error:
        pytest.fail(f"{path.name}: the first of BODIES must parse into rows: {error}")
    assert frame.height > 0


@each
def test_its_values_have_bounds(source: Source) -> None:
    if source.plausible is not None and source.plausible.name:
        wanted = (source.plausible.kind, source.plausible.name)
        assert wanted in plausible.bounds(), f"dbt_project/seeds/bounds.csv needs a row {','.join(wanted)}"


@each
def test_a_defect_of_it_is_in_the_catalogue(source: Source) -> None:
    if source.reads is None:
        named = {defect.dataset for defect in defects()}
        assert source.dataset in named, (
            f"{CATALOGUE.parent.name}/{CATALOGUE.name} holds no defect of {source.dataset}: add one that `ask` or `load` "
            "must catch (tests/defects/README.md)"
        )
