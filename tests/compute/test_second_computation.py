"""Every reading and every computed column of a mart equals a second computation, over all sessions of the sample world.

What this file fails on, by name: a reading of seeds/indicators.csv without a row in a dbt unit test of its model, a reading
without a second computation, a column of a mart that is neither key, nor passed through, nor computed again, and any of
them whose two computations differ in value, in what is missing, or in why. How a second computation is written:
second/README.md.
"""

from __future__ import annotations

import csv
from functools import cache

import duckdb
import polars as pl
import pytest
import yaml
from second import registry
from second.facts import SEEDS, World
from second.registry import MARTS, OF_READING, PASSED, computed, held, wrong_columns, wrong_reading

from ingestion import calendar
from orchestration.manifest import model_of

MODELS = SEEDS.parent / "models"
BENCH = SEEDS.parents[1] / "tests" / "bench"
with (SEEDS / "indicators.csv").open(newline="") as file:
    VOCABULARY = {row["reading_id"]: row for row in csv.DictReader(file)}
# Marts that are computed again elsewhere, a sample of sessions or from other tables, because all of it would take minutes.
ELSEWHERE = {
    "rally_attribution": "test_attribution.py: every layer, on sessions of all years",
    "answer_daily": "test_attribution.py: every session, from the tables it repeats",
}
COLUMNS = [
    (path.stem, column["name"])
    for path in sorted((MODELS / "marts").glob("*.yml"))
    if path.stem not in ELSEWHERE
    for column in yaml.safe_load(path.read_text())["models"][0]["columns"]
]
# Columns in which the sample world has nothing to compare, and what stands for it.
MODEL = "test_outcomes.py, the walk again in plain Python: ten rallies with four scores are not in the sample world"
EMPTY_IN_SAMPLE = {
    **{("durability", column): MODEL for column in ("p_sustained_model", "model_slope", "brier_model")},
    **{("verdict_track_record", column): MODEL for column in ("p_sustained_model", "p_of_earnings", "p_of_policy")},
    (
        "durability_skill",
        "brier_after_freeze",
    ): "unit test in durability_skill.yml; the sample world ends before the freeze",
    ("article_links", "verdict"): "unit test in article_links.yml; the claims of the lines are of the real press",
    ("earnings_season", "guidance_share"): "no source without a key tells guidance; EA06 reads a seed",
    ("market_daily", "doubt"): "tests/compute/test_doubts.py; that no bar of the sample is in doubt is computed again",
    ("weekly_checklist", "value_text"): "no item of the checklist is a class; snapshot shares the SQL",
    ("snapshot", "next_date"): "no item of the snapshot waits for a date; weekly_checklist shares the SQL",
    ("snapshot", "next_title"): "as next_date",
    ("source_health", "missing_names"): "unit test in source_health.yml; every vendor of the sample answers",
}
# Readings of which it has none either: a change over thirteen weeks of an archive that begins with the first run.
SILENT_IN_SAMPLE = dict.fromkeys(
    ("EA07_4w", "EA07_13w", "EA08", "EA08_analysts"),
    "unit tests revisions_of_two_companies_by_hand, ea07_waits_for_thirteen_weeks and ea08_golden",
)
ADD = "write it in tests/compute/second/ and name it in tests/compute/second/registry.py"


@cache
def unit_tested(model: str) -> frozenset[tuple[str, str]]:
    """Of which readings, or measures of a family, a unit test of the model expects a value: (reading, measure)."""
    (page,) = (MODELS / "indicators").glob(f"*/{model}.yml")
    found: set[tuple[str, str]] = set()
    for test in yaml.safe_load(page.read_text()).get("unit_tests", []):
        expected = test["expect"]
        if expected.get("format") == "sql":
            with duckdb.connect() as con:
                con.execute("SET TimeZone = 'UTC'")
                rows = con.execute(
                    f"SELECT DISTINCT reading_id FROM ({expected['rows']}) WHERE value IS NOT NULL"
                ).fetchall()
            valued = {row[0] for row in rows}
        else:
            valued = {row["reading_id"] for row in expected["rows"] if "reading_id" in row and row["value"] is not None}
        declared = next((given["rows"] for given in test["given"] if given["input"] == "ref('indicators')"), [])
        measures = {row["reading_id"]: row.get("measure", "") for row in declared}
        found |= {(reading_id, measures.get(reading_id, "")) for reading_id in valued}
    return frozenset(found)


@pytest.mark.parametrize("reading_id", VOCABULARY)
def test_a_reading_has_a_unit_test_and_a_second_computation(reading_id: str) -> None:
    row, missing = VOCABULARY[reading_id], []
    model = model_of(row)
    tested = unit_tested(model)
    if row["family"] and row["measure"] not in {measure for _, measure in tested}:
        missing.append(f"no unit test in {model}.yml expects a value of a reading whose measure is {row['measure']!r}")
    if not row["family"] and (reading_id, "") not in tested:
        missing.append(f"no unit test in {model}.yml expects a row with reading_id: {reading_id} and a value")
    if reading_id not in OF_READING:
        missing.append(f"nothing computes it a second time; {ADD} (READINGS)")
    assert not missing, f"{reading_id}: " + "; and ".join(missing)


@pytest.mark.parametrize("reading_id", VOCABULARY)
def test_a_reading_equals_its_second_computation(world: World, reading_id: str) -> None:
    assert reading_id in OF_READING, f"{reading_id}: nothing computes it a second time; {ADD} (READINGS)"
    rows = held(world, "indicator_readings").filter(reading_id=reading_id, status="OK")
    assert rows.height or reading_id in SILENT_IN_SAMPLE, f"{reading_id}: the sample world has no value to compare"
    assert wrong_reading(world, reading_id) == {}


@pytest.mark.parametrize(("mart", "column"), COLUMNS)
def test_a_column_equals_its_second_computation(world: World, mart: str, column: str) -> None:
    if column in registry.KEYS[mart]:
        assert "rows" not in (wrong_columns(world, mart) if mart in MARTS else {})
        return
    if column in PASSED.get(mart, {}):
        return
    if mart == "indicator_readings" and column in registry.VALUES:
        return  # reading by reading, above
    again = computed(MARTS[mart], world).columns if mart in MARTS else []
    assert column in again, (
        f"{mart}.{column} is computed, and nothing computes it a second time; {ADD} (MARTS). If no arithmetic makes it,"
        " say in tests/compute/second/passed_through.yml where it passes from."
    )
    is_there = held(world, mart)[column].is_not_null().any()
    assert is_there or (mart, column) in EMPTY_IN_SAMPLE, f"{mart}.{column}: the sample world has no value to compare"
    assert wrong_columns(world, mart).get(column) is None, f"{mart}.{column}: {wrong_columns(world, mart)[column]}"


def test_what_passes_through_is_a_column_nothing_computes(world: World) -> None:
    listed = {(mart, column) for mart, columns in PASSED.items() for column in columns}
    assert listed <= set(COLUMNS), f"no such columns: {sorted(listed - set(COLUMNS))}"
    again = {(mart, column) for mart in MARTS for column in computed(MARTS[mart], world).columns}
    assert not listed & again, f"listed as passed through, and computed: {sorted(listed & again)}"
    assert again <= set(COLUMNS), f"computed a second time, and no column of the mart: {sorted(again - set(COLUMNS))}"


def test_a_reading_was_known_by_its_session(world: World) -> None:
    """No bar of this world was ever corrected, so nothing was known after the snapshot of its session."""
    told = held(world, "indicator_readings").select("session_date", "known_at").unique()
    late = [(day, known) for day, known in told.iter_rows() if known > calendar.snapshot_at(day)]
    assert not late, late[:3]
    assert told.filter(pl.col("known_at").dt.date() < pl.col("session_date")).height, "no reading rests on older news?"


def test_the_listed_mutations_still_stand_in_their_files() -> None:
    """tests/bench/mutations.py puts each into the SQL and shows which test catches it."""
    listed = yaml.safe_load((BENCH / "mutations.yml").read_text())
    lost = [row["name"] for row in listed if row["old"] not in (MODELS / row["file"]).read_text()]
    assert not lost, f"tests/bench/mutations.yml, {lost}: the text to replace is gone; say where that arithmetic is now"
    assert len(listed) >= 12 and len({row["name"] for row in listed}) == len(listed)


def test_a_wrong_value_a_hole_and_a_missing_row_are_seen(world: World) -> None:
    """The comparison itself: it must not be possible to pass with a figure off by the last digit, or without one."""
    given = held(world, "volatility_sentiment_daily").head(400).tail(5)
    again = computed(MARTS["volatility_sentiment_daily"], world).head(400).tail(5)
    key = ["session_date"]
    assert registry.difference(given, again, key) == {}
    assert "vix" in registry.difference(given.with_columns(vix=given["vix"] + 2e-6), again, key)
    assert "vix" in registry.difference(given.with_columns(vix=given["vix"].shift(1)), again, key)
    assert "status" in registry.difference(given.with_columns(status=given["status"].shift(1)), again, key)
    assert "rows" in registry.difference(given.head(4), again, key)
    assert "rows" in registry.difference(given, again.head(4), key)
