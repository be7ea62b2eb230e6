"""What the gate refuses for real, a person can release: doctor names rule, rows, bytes and commands; each command works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evenings import TinyHome
from typer.testing import CliRunner
from vendors import EVENINGS, Vendors

from ingestion.calendar import snapshot_at
from orchestration.cli import app
from warehouse import refusals
from warehouse.database import build_session, connect
from warehouse.landing import Landing
from warehouse.publish import Published, PublishRefused

TAMPERED = EVENINGS[0]


def told(*words: str) -> str:
    """What a command prints; raises when it fails."""
    ran = CliRunner().invoke(app, [*words], env={"COLUMNS": "200"})
    assert ran.exit_code in (0, 1), ran.output
    return " ".join(ran.output.split())


def tamper(tiny: TinyHome) -> None:
    """A past close that changed and nobody can say why: what the gate is there for."""
    with build_session(tiny.home) as con:
        con.execute(
            "UPDATE raw.yahoo_bars SET close = close * 1.002 WHERE symbol = 'AAQ' AND session_date = ?", [TAMPERED]
        )


def published_again(tiny: TinyHome, vendors: Vendors) -> Published:
    tiny.load(vendors, EVENINGS[1])
    tamper(tiny)
    return tiny.publish(snapshot_at(EVENINGS[1]))


@pytest.fixture
def refused(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyHome:
    """A home whose second evening the gate refused."""
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UPDRAFT_CLOCK", "2026-01-15T02:00:00+00:00")
    tiny = TinyHome(tmp_path / "home", prepared)
    with pytest.raises(PublishRefused, match=r"market_daily\.past_unchanged"):
        published_again(tiny, Vendors.at_rest(0))
    return tiny


def rule_of(tiny: TinyHome) -> dict[str, Any]:
    refusal = refusals.standing(tiny.home)
    assert refusal is not None
    return next(dict(rule) for rule in refusal.rules if rule["rule_id"] == "market_daily.past_unchanged")


def test_doctor_names_rule_rows_bytes_and_commands(refused: TinyHome) -> None:
    rule, said = rule_of(refused), told("doctor")
    (row,) = rule["rows"]
    answers = Landing(refused.home.landing).envelopes("yahoo_bars")
    assert row["answer"] in answers["sha256"].to_list() and row["entity"] == "AAQ" and row["observed"] == str(TAMPERED)
    for words in ("market_daily.past_unchanged", "AAQ", row["answer"], "updraft refetch yahoo_bars 'AAQ'",
                  f"updraft set-aside yahoo_bars {row['answer']}", f"accept market_daily.past_unchanged {rule['evidence']}"):  # fmt: skip
        assert words in said, words


def test_an_accepted_refusal_publishes_with_its_reason_and_nothing_else_is_released(refused: TinyHome) -> None:
    wrong = CliRunner().invoke(app, ["accept", "market_daily.past_unchanged", "0123456789ab", "--reason", "so"])
    assert wrong.exit_code == 2 and "did you mean" in wrong.output
    assert (
        CliRunner().invoke(app, ["accept", "market_daily.past_unchanged", rule_of(refused)["evidence"]]).exit_code == 2
    )
    told("accept", "market_daily.past_unchanged", rule_of(refused)["evidence"], "--reason", "a repair of ours")
    done = refused.publish(snapshot_at(EVENINGS[1]))
    assert done.is_new and refusals.standing(refused.home) is None
    con = connect(refused.home, done.path / "updraft.duckdb", read_only=True)
    try:
        told_rows = con.execute("SELECT dataset, entity, reason FROM meta.revisions WHERE kind = 'accepted'").fetchall()
    finally:
        con.close()
    assert told_rows == [("market_daily", "market_daily.past_unchanged", "accepted: a repair of ours")]


def test_an_answer_set_aside_or_asked_anew_is_not_used_and_asked_for(refused: TinyHome) -> None:
    landing = Landing(refused.home.landing)
    newest = landing.envelopes("yahoo_bars").filter(series="AAQ")["sha256"][-1]
    told("set-aside", "yahoo_bars", newest[:12], "--reason", "another company")
    assert landing.covered("yahoo_bars")["AAQ"].last == EVENINGS[0]
    told("refetch", "yahoo_bars", "AAQ", "--reason", "whole once more")
    assert "AAQ" not in landing.covered("yahoo_bars")
    told("set-aside", "yahoo_bars", newest[:12], "--undo", "--reason", "it was ours")
    unknown = CliRunner().invoke(app, ["refetch", "yahoo_bar", "AAQ", "--reason", "x"])
    assert unknown.exit_code == 2 and "yahoo_bars" in unknown.output
