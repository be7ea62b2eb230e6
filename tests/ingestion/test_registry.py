"""Declarations are complete, ordered, and what dbt reads is rendered from them."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
import yaml

from ingestion import registry
from ingestion.source import Column, RowRule


def test_each_dataset_is_there_once_and_after_what_it_needs() -> None:
    order = [s.dataset for s in registry.all_sources()]
    assert set(order) == {
        "yahoo_bars", "yahoo_actions", "sp500_constituents", "sp500_spells", "fred_observations",
        "cboe_index_history", "ishares_fund_history", "coinbase_candles", "alfred_vintages", "ssga_nav_history",
        "defillama_stablecoins",
    }  # fmt: skip
    assert len(order) == len(set(order))
    for s in registry.all_sources():
        assert all(order.index(other) < order.index(s.dataset) for other in (*s.needs, *([s.reads] if s.reads else [])))


def test_what_must_not_fail_is_marked() -> None:
    required = {s.dataset for s in registry.all_sources() if s.criticality == "required"}
    assert required == {"yahoo_bars", "fred_observations"}
    assert {s.dataset for s in registry.all_sources() if s.tier == "full"} == {"sp500_constituents", "sp500_spells"}
    assert all(s.serves and s.stale_after > timedelta(0) for s in registry.all_sources())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key": ("nothing",)}, "used but not declared"),
        ({"columns": {"series_id": Column(pl.String(), "furlong", "x")}}, "furlong"),
        ({"rules": (RowRule("r", pl.col("elsewhere") > 0, ""),)}, "elsewhere"),
        ({"needs": ("unknown",)}, "'unknown' is not declared"),
        ({"requests": None}, "either has requests"),
        ({"hosts": ()}, "name its hosts"),
        ({"licence": ""}, "licence"),
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
    assert registry.SOURCES_YML.read_text(encoding="utf-8") == text, "run python -m ingestion.registry"
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
            assert all(c["description"].split("]")[0].lstrip("[") in registry.UNITS for c in table["columns"])
            assert table["config"]["meta"]["vendor"] == s.vendor
