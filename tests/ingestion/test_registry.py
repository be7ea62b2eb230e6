"""Declarations are complete, ordered, and what dbt reads is rendered from them."""

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import yaml

from ingestion import registry
from ingestion.source import UNITS, Column, RowRule


def test_each_dataset_is_there_once_and_after_what_it_needs() -> None:
    order = [s.dataset for s in registry.all_sources()]
    assert {"yahoo_bars", "yahoo_actions", "sp500_constituents"} <= set(order)
    assert len(order) == len(set(order))
    for s in registry.all_sources():
        assert all(
            order.index(other) < order.index(s.dataset)
            for other in (*s.needs, *s.beside, *([s.reads] if s.reads else []))
        )


def test_what_must_not_fail_is_marked() -> None:
    required = {s.dataset for s in registry.all_sources() if s.criticality == "required"}
    assert required == {"yahoo_bars", "yahoo_actions", "fred_observations"}
    assert {s.dataset for s in registry.all_sources() if s.tier == "full"} == {
        *("sp500_constituents", "sp500_spells"),
        *("sec_company_tickers", "sec_submissions", "sec_companyconcept"),
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key": ("nothing",)}, "used but not declared"),
        ({"columns": {"series_id": Column(pl.String(), "furlong", "x")}}, "furlong"),
        ({"rules": (RowRule("r", pl.col("elsewhere") > 0, ""),)}, "elsewhere"),
        ({"needs": ("unknown",)}, "'unknown' is not declared"),
        ({"beside": ("unknown",)}, "'unknown' is not declared"),
        ({"key_variable": "FRED_KEY"}, "must end in _API_KEY"),
        ({"requests": None}, "either has requests"),
        ({"hosts": ()}, "name its hosts"),
        ({"licence": ""}, "licence"),
        ({"lag_sessions": None}, "needs lag_sessions"),
        ({"reach": "vintage_day"}, "'vintage_day' is used but not declared"),
    ],
)
def test_a_wrong_declaration_is_named(change: dict[str, object], says: str) -> None:
    good = registry.source("fred_observations")
    known = [s.dataset for s in registry.all_sources()]
    assert registry.problems(good, known) == []
    assert any(says in line for line in registry.problems(replace(good, **change), known))  # type: ignore[arg-type]


def test_system_names_are_taken() -> None:
    good = registry.source("fred_observations")
    columns = {**good.columns, "known_at": Column(pl.String(), "text", "x")}
    assert any("system column" in line for line in registry.problems(replace(good, columns=columns), []))


def test_unknown_dataset_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match="yahoo_bars"):
        registry.source("stooq")


def test_sources_yml_is_up_to_date_and_complete() -> None:
    text = registry.sources_yml()
    (raw,) = yaml.safe_load(text)["sources"]
    assert (raw["name"], raw["schema"]) == ("raw", "raw")
    tables = {table["name"]: table for table in raw["tables"]}
    assert set(tables) == {n for s in registry.all_sources() for n in (s.dataset, f"{s.dataset}_superseded")}
    for s in registry.all_sources():
        for table in (tables[s.dataset], tables[f"{s.dataset}_superseded"]):
            names = [column["name"] for column in table["columns"]]
            assert names[: len(s.columns)] == list(s.columns)
            assert ("is_present" in names) == s.tells_absence
            assert {"known_at", "landing_sha256"} <= set(names)
            assert all(c["description"].split("]")[0].lstrip("[") in UNITS for c in table["columns"])
            assert table["config"]["meta"]["vendor"] == s.vendor


def test_what_dbt_reads_is_what_the_declarations_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.differences() == [], "run python -m ingestion.registry"
    shutil.copytree(registry.DBT, tmp_path / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(registry, "DBT", tmp_path / "dbt")
    stray = tmp_path / "dbt" / registry.STAGING / "stg_gone.sql"
    stray.write_text(registry.staging_sql(registry.source("fred_observations")))
    changed = tmp_path / "dbt" / "seeds" / "datasets.csv"
    changed.write_text(changed.read_text().replace("yahoo_bars,session,0,3", "yahoo_bars,session,0,4"))
    assert set(registry.differences()) == {registry.STAGING / "stg_gone.sql", Path("seeds/datasets.csv")}


def test_a_staging_model_says_the_key_and_which_versions() -> None:
    fred, cboe = registry.source("fred_observations"), registry.source("cboe_index_history")
    assert 'all_versions("fred_observations", ["series_id", "observation_date"])' in registry.staging_sql(fred)
    assert "version_no" in registry.staging_sql(fred)
    assert 'known_rows("cboe_index_history", ["symbol", "session_date"])' in registry.staging_sql(cboe)
    assert "version_no" not in registry.staging_sql(cboe)
    models = {m["name"]: m for m in yaml.safe_load(registry.staging_yml())["models"]}
    assert set(models) == {f"stg_{s.dataset}" for s in registry.all_sources() if not s.own_staging}
    for s in registry.all_sources():
        if not s.own_staging:
            (test,) = models[f"stg_{s.dataset}"]["data_tests"]
            key = [*s.key, *(["version_no"] if s.versions == "all" else [])]
            assert test["unique_combination"]["arguments"]["columns"] == key
    candles = registry.source("coinbase_candles")
    assert "cast(timezone('UTC', start_at) as date) as observed" in registry.observations_sql(), candles.observed
    assert "vintage_date as observed" in registry.observations_sql()
