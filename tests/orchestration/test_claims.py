"""A user's claims: their form, what they may not do, how they are told. On a small published file made here."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration import claims, show_claims
from orchestration.claims import TEMPLATE, Claim, all_claims
from orchestration.cli import app
from warehouse.home import Home

GOOD = """
claim_id: {claim_id}
reported_on: 2026-01-13
outlet: my notes
statement: It closed above 102.
facts: {facts}
rows: {rows}
predicate: {predicate}
found: format('highest {{:.0f}}', max(close))
settles_on: {settles}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Sessions 12 to 15 January 2026 with closes 101 to 104, one claim of the press, a million rows of another table."""
    made = Home(tmp_path / "home")
    (made.root / "claims").mkdir(parents=True)
    with duckdb.connect(str(made.door)) as con:
        con.execute("""
            CREATE SCHEMA marts;
            CREATE TABLE marts.dim_calendar AS
                SELECT d::date AS date, true AS is_session, d::date = DATE '2026-01-15' AS is_latest
                FROM generate_series(DATE '2026-01-12', DATE '2026-01-15', INTERVAL 1 DAY) t(d);
            CREATE TABLE marts.claim_facts AS
                SELECT 'IX' AS index_id, date AS session_date, 100.0 + row_number() OVER (ORDER BY date) AS close
                FROM marts.dim_calendar;
            CREATE TABLE marts.many AS SELECT DATE '2026-01-12' AS session_date, i AS n, i AS close FROM range(1000000) t(i);
            CREATE TABLE marts.undated AS SELECT 1 AS n;
            CREATE TABLE marts.claims_audit AS SELECT
                'C01' AS claim_id, DATE '2026-01-15' AS reported_on, 'Outlet' AS outlet, NULL AS title, 'It rose' AS statement,
                'cited' AS basis, 'FALSE' AS verdict_then, 'TRUE' AS verdict_now, 'x' AS found_text, 'y' AS found_text_now,
                DATE '2026-01-15' AS judged_until, DATE '2026-01-15' AS settles_on, 'SELECT 1' AS predicate_sql;
        """)
    return made


def write(home: Home, name: str = "a", text: str = "", **fields: str) -> None:
    given = {
        "claim_id": name, "facts": "claim_facts", "rows": "index_id = 'IX'", "predicate": "max(close) > 102",
        "settles": "2026-01-13",
    } | fields  # fmt: skip
    (home.root / "claims" / f"{name}.yml").write_text(text or GOOD.format(**given))


def mine(home: Home) -> list[Claim]:
    return [claim for claim in all_claims(home) if claim.by == "you"]


def test_then_sees_the_rows_of_the_report_and_now_all(home: Home) -> None:
    write(home, "a", predicate="max(close) > 103")
    write(home, "b", predicate="max(close) > 101.5", settles="2026-01-14")
    write(home, "c", predicate="avg(cast(close > 102 as integer))")
    write(home, "d", rows="close > 500")
    write(home, "e", settles="2026-02-27")
    told = {c.claim_id: (c.verdict_then, c.verdict_now, c.found_then, c.found_now, c.error) for c in mine(home)}
    assert told == {
        "a": ("FALSE", "TRUE", "highest 102", "highest 104", ""),
        "b": ("OPEN", "TRUE", "highest 102", "highest 104", ""),
        "c": ("FALSE", "PARTLY", "highest 102", "highest 104", ""),
        "d": ("NO_DATA", "NO_DATA", "", "", ""),
        "e": ("OPEN", "OPEN", "highest 102", "highest 104", ""),
    }


def test_the_statement_of_a_claim_runs_as_it_stands(home: Home) -> None:
    write(home, predicate="max(close) > 103")
    (told,) = mine(home)
    with duckdb.connect(str(home.door), read_only=True) as con:
        assert con.execute(told.predicate_sql).fetchall() == [(1.0,)]


def test_ours_stand_first_as_they_were_audited(home: Home) -> None:
    write(home)
    first, second = all_claims(home)
    assert (first.claim_id, first.by, first.verdict_then, first.verdict_now) == ("C01", "press", "FALSE", "TRUE")
    assert (second.claim_id, second.by, second.verdict_now) == ("a", "you", "TRUE")


HOSTILE = {
    "file": ("(select count(*) from read_csv('/etc/hostname')) > 0", "predicate: holds a subquery"),
    "file in rows": ("session_date in (select session_date from read_text('/etc/hostname'))", "rows: holds a subquery"),
    "other table": ("exists (select 1 from marts.many)", "rows: holds a subquery"),
    "stacked": ("1); drop table marts.claim_facts; select (1", "predicate: is no SQL expression"),
    "two statements": ("1); select (2", "predicate: is more than one expression"),
    "union": ("1) from marts.claim_facts union all select (1", "predicate: is more than one expression"),
    "past the day": ("false) or (true", "rows: is more than one expression"),
    "other source": ("true) from marts.many where (true", "rows: is more than one expression"),
    "comment": ("true) --", "rows: is no SQL expression"),
    "two values": ("1, 2", "predicate: is more than one expression"),
    "filter": ("close) filter (where (true)", "predicate: is more than one expression"),
    "parameter": ("max(close) > $1", "predicate: holds a parameter"),
    "window": ("max(close) over () > 1", "predicate: holds a window"),
    "long": ("1" + " + 1" * 1_000, "predicate: 4,001 letters"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_reaches_past_the_rows_of_one_table_is_refused(home: Home, name: str) -> None:
    text, why = HOSTILE[name]
    where = "rows" if why.startswith("rows") else "predicate"
    write(home, **{where: json.dumps(text)})
    write(home, "sound")
    bad, good = mine(home)
    assert bad.error.startswith(f"claims/a.yml, {why}") and "Rule: " in bad.error
    assert (good.verdict_now, good.error) == ("TRUE", "")
    with duckdb.connect(str(home.door), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM marts.claim_facts").fetchall() == [(4,)]


def test_the_reader_reads_no_file_even_where_a_claim_got_there(home: Home) -> None:
    """The second wall: without the look at the form, the connection itself refuses files and writing."""
    asked = [("SELECT count(*) FROM read_csv('/etc/hostname')", "DROP TABLE marts.claim_facts", "SET threads = 8")]
    ((file, drop, setting),) = claims._asked(home.door, asked)
    assert "Permission Error" in file.error and "read-only" in drop.error and "locked" in setting.error


def test_an_endless_claim_ends_and_harms_no_other(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "SECONDS", 1.0)
    write(
        home,
        "a",
        facts="many",
        rows="true",
        predicate="sum(list_sum(list_transform(range(3000), x -> sin(x + n)))) > 0",
    )
    write(home, "b")
    began = time.monotonic()
    endless, other = mine(home)
    assert endless.error == (
        "claims/a.yml: Ended after 1 s. Rule: a claim takes no longer. Choose fewer rows, compute less."
    )
    assert (other.verdict_now, other.error) == ("TRUE", "")
    assert time.monotonic() - began < 60  # it would take hours


def test_memory_is_bounded(home: Home) -> None:
    write(home, facts="many", rows="true", predicate="len(string_agg(repeat('x', 100000), '')) > 0")
    assert "Out of Memory Error" in mine(home)[0].error


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- a list", "claims/a.yml: must be fields with values. A claim looks so:\nclaim_id: my_first"),
        ("a: [", "claims/a.yml: cannot be read"),
        (TEMPLATE.replace("statement:", "statment:"), "claims/a.yml, statment: no such field; did you mean statement?"),
        (TEMPLATE.replace("predicate: bool_and(value < 20)\n", ""), "claims/a.yml, predicate: is missing."),
        (TEMPLATE.replace("reported_on: 2026-01-15", "reported_on: soon"), "claims/a.yml, reported_on: 'soon' is no day."),
        (TEMPLATE.replace("indicator_readings", "claim_fact"), "claims/a.yml, facts: 'claim_fact' is no published table"),
        (TEMPLATE.replace("indicator_readings", "undated"), "claims/a.yml, facts: 'undated' is no published table"),
        (GOOD.format(claim_id="a", facts="claim_facts", rows="true", predicate="close > 1", settles="2026-01-13"),
         "claims/a.yml: Binder Error"),
        (GOOD.format(claim_id="a", facts="claim_facts", rows="true", predicate="max(clos) > 1", settles="2026-01-13"),
         'claims/a.yml: Binder Error: Referenced column "clos"'),
        (GOOD.format(claim_id="a", facts="claim_facts", rows="true", predicate="max(close)", settles="2026-01-13"),
         "claims/a.yml, predicate: gives 102. Rule: true, false, or a share between 0 and 1."),
    ],
)  # fmt: skip
def test_a_bad_claim_says_what_where_which_rule_and_what_next(home: Home, text: str, why: str) -> None:
    write(home, text=text)
    (bad,) = mine(home)
    assert bad.error.startswith(why) and bad.verdict_now == "ERROR"


def test_columns_and_aggregates_are_explained(home: Home) -> None:
    write(home, "a", predicate="max(clos) > 1")
    write(home, "b", predicate="close > 1")
    wrong, plain = mine(home)
    assert "Columns of claim_facts: index_id, session_date, close." in wrong.error
    assert "Rule: predicate and found are aggregates" in plain.error


def test_a_name_is_given_once(home: Home) -> None:
    write(home, "a")
    write(home, "b", claim_id="a")
    assert ["is given twice" in claim.error for claim in mine(home)] == [True, True]


def test_the_template_is_a_claim(home: Home) -> None:
    with duckdb.connect(str(home.door)) as con:
        con.execute(
            "CREATE TABLE marts.indicator_readings AS SELECT 'VS01' reading_id, DATE '2026-01-15' session_date, 14.5 AS value"
        )
    write(home, text=TEMPLATE)
    (told,) = mine(home)
    assert (told.claim_id, told.verdict_then, told.found_now, told.error) == ("my_first", "TRUE", "VIX 14.50", "")


def test_the_command_prints_80_columns_and_says_by_its_code(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_HOME", str(home.root))
    monkeypatch.setenv("COLUMNS", "80")
    runner = CliRunner()
    write(home, "mine", predicate="max(close) > 103")
    told = runner.invoke(app, ["claims"])
    assert told.exit_code == 0, told.output
    assert all(len(line) <= 80 for line in told.output.splitlines())
    assert "C01      false        true         Outlet: It rose [cited]" in told.output
    assert "mine     false        true         my notes: It closed above 102." in told.output
    assert "highest 104" in told.output and "now: 2026-01-15, 2 true" in told.output
    one = runner.invoke(app, ["claims", "mine"])
    assert one.exit_code == 0 and "as SQL" in one.output and "It rose" not in one.output
    assert runner.invoke(app, ["claims", "C99"]).exit_code == 2
    as_json = json.loads(runner.invoke(app, ["claims", "--json"]).output)
    assert [(c["claim_id"], c["reported_on"]) for c in as_json] == [("C01", "2026-01-15"), ("mine", "2026-01-13")]
    write(home, "mine", predicate="clos")
    assert runner.invoke(app, ["claims"]).exit_code == 1
    helped = runner.invoke(app, ["claims", "--help"]).output
    assert "$UPDRAFT_HOME/claims/NAME.yml" in helped and "predicate: bool_and(value < 20)" in helped


def test_long_words_and_names_stay_within_the_width() -> None:
    claim = Claim(
        "a_very_long_name_of_a_claim", "you", date(2026, 1, 15), "An outlet", "", "word " * 60, "association", "NOT_TESTABLE",
        "TRUE", "", "figure " * 60, date(2026, 1, 15), date(2026, 1, 15), "SELECT 1",
    )  # fmt: skip
    made = show_claims.lines([claim], 80) + show_claims.one(claim, 80)
    assert max(line.cell_len for line in made) <= 80
    assert "a_very_…" in made[1].plain and "not testable" in made[1].plain


def test_without_a_publication_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path))
    told = CliRunner().invoke(app, ["claims"])
    assert told.exit_code == 2 and "updraft run" in told.output
