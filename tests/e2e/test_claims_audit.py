"""The claims of the sample press: the audit finds what their inventors know, and shows the claims as they made them."""

from __future__ import annotations

import csv

import pytest

from ingestion.sample.world.headlines import HEADLINES, Headline
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
    assert {row["claim_id"] for row in real} >= {"C01", "C02", "C04", "C06", "C07", "C08", "C13", "C14"}
    assert all(len(row["statement"].split()) <= 12 and not row["title"] for row in real)
