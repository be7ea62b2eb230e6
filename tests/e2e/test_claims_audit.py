"""The claims of the sample press: the audit finds what their inventors know, and shows the claims as they made them."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from ingestion.sample.world.headlines import HEADLINES, Headline
from orchestration import render
from orchestration.render import FACTS
from orchestration.settings import DBT_PROJECT
from warehouse.database import reader
from warehouse.home import Home


@pytest.mark.parametrize("headline", HEADLINES, ids=lambda h: h.claim_id)
def test_the_verdict_is_the_known_truth(published: Home, headline: Headline) -> None:
    con = reader(published.door)
    found = con.execute(
        "SELECT verdict_now, found_text_now, reported_on, settles_on, statement FROM marts.claims_audit WHERE claim_id = ?",
        [headline.claim_id],
    ).fetchall()
    con.close()
    assert len(found) == 1
    verdict, text, *facts = found[0]
    assert (verdict, facts) == (headline.truth, [headline.reported_on, headline.settles_on, headline.statement]), text


def test_the_audit_finds_both_kinds(published: Home) -> None:
    """Three claims at least are false, and one is open: a press that is always right tests nothing."""
    con = reader(published.door)
    verdicts = dict(con.execute("SELECT verdict_now, count(*) FROM marts.claims_audit GROUP BY 1").fetchall())
    con.close()
    assert verdicts["FALSE"] >= 3 and verdicts["TRUE"] >= 3 and verdicts["OPEN"] >= 1


def test_real_claims_are_short_and_in_our_own_words() -> None:
    with (DBT_PROJECT / "seeds" / "claims.csv").open(newline="") as file:
        real = [row for row in csv.DictReader(file) if row["world"] == "real"]
    asked = {"C01", "C01b", "C02", "C02b", *(f"C{n:02d}" for n in range(3, 23)), "C08b", "C11b", "C21b", "C24"}
    assert {row["claim_id"] for row in real} >= asked
    assert all(len(row["statement"].split()) <= 12 and not row["title"] for row in real)


WORDS = {None: "NO_DATA", 1.0: "TRUE", 0.0: "FALSE"}


def test_a_predicate_runs_on_the_published_file_as_it_stands(published: Home) -> None:
    """What a reader copies out of the table gives the verdict that stands beside it."""
    con = reader(published.door)
    claims = con.execute("SELECT claim_id, predicate_sql, verdict_now FROM marts.claims_audit").fetchall()
    parts = con.execute("SELECT claim_id, part_no, predicate_sql, share_now FROM marts.claim_parts").fetchall()
    said = {claim_id: con.execute(sql).fetchall() for claim_id, sql, _ in claims if sql}
    again = {(claim_id, no): con.execute(sql).fetchall() for claim_id, no, sql, _ in parts}
    con.close()
    assert len(said) >= 20 and len(parts) > len(said)
    for claim_id, sql, verdict in claims:
        assert (sql is None) == (verdict == "NOT_TESTABLE")
        if sql and verdict != "OPEN":
            assert [(WORDS.get(share, "PARTLY"),) for (share,) in said[claim_id]] == [(verdict,)], sql
    assert again == {(claim_id, no): [(share,)] for claim_id, no, _, share in parts}


def test_then_is_the_same_predicate_over_the_rows_known_then(published: Home) -> None:
    """The same text, run where each table ends with the session of the report."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{published.door.resolve()}' AS g (READ_ONLY)")
        con.execute("CREATE SCHEMA marts")
        rows = con.execute("SELECT * FROM g.marts.claim_parts").pl().to_dicts()
        for row in rows:
            name = row["facts"].removeprefix("marts.")
            until = FACTS[name].replace("f.", "")
            con.execute(
                f"CREATE OR REPLACE VIEW {row['facts']} AS FROM g.{row['facts']} WHERE {until} <= DATE '{row['session_date']}'"
            )
            found = con.execute(row["predicate_sql"]).fetchall()
            assert found == [(row["share_then"],)], row
    assert {row["facts"].removeprefix("marts.") for row in rows} >= set(FACTS) - {"cross_asset_correlation"}


def test_a_claim_reads_no_other_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The seed cannot reach past the published tables: rendering refuses, and says what may be read."""
    text = render.CLAIM_PARTS.read_text().replace(",claim_facts,", ",read_csv,", 1)
    (tmp_path / "parts.csv").write_text(text)
    monkeypatch.setattr(render, "CLAIM_PARTS", tmp_path / "parts.csv")
    with pytest.raises(ValueError, match="S01 part 1: facts is 'read_csv'; a claim reads one of claim_facts"):
        render.claim_parts()
