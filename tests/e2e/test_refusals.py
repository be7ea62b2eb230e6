"""Bad inputs: what is refused, what is published with the gap named, and that readers keep the last good tables."""

from __future__ import annotations

import pytest

from orchestration import steps
from orchestration.settings import Settings
from warehouse.database import reader
from warehouse.home import Home
from warehouse.publish import PublishRefused

DAY_2, DAY_3 = "2026-01-15T01:00:00+00:00", "2026-01-16T01:00:00+00:00"


def served(home: Home) -> tuple[str, float]:
    con = reader(home.door)
    row = con.execute(
        "SELECT generation, (SELECT close FROM marts.market_daily WHERE instrument_id = 'IX:SMP' ORDER BY session_date DESC LIMIT 1)"
        " FROM meta.receipt"
    ).fetchone()
    con.close()
    assert row is not None
    return row


def test_faults_day_by_day_on_one_home(earlier: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HOME": str(earlier.root), "CLOCK": DAY_2, "TIER": "core"}.items():
        monkeypatch.setenv(f"UPDRAFT_{name}", value)
    home, settings = earlier, Settings.from_env()
    before = served(home)

    # a required vendor answers with a page and status 200: the step fails, nothing is computed
    monkeypatch.setenv("UPDRAFT_SAMPLE_FAULT", "html_200@query1.finance.yahoo.com")
    with pytest.raises(steps.StepFailed, match=r"yahoo_bars.*required answer.*DOCTYPE html"):
        steps.refresh(settings)
    assert served(home) == before

    # the newest bar of the index comes ten times too high: computed, judged, refused
    monkeypatch.setenv("UPDRAFT_SAMPLE_FAULT", "price_x10@/chart/^SMP;n=1")
    with pytest.raises(PublishRefused) as refusal:
        steps.refresh(settings)
    failed = {v.rule_id for v in refusal.value.verdicts if v.refuses}
    assert "market_daily.index_move" in failed
    assert "Served as before" in str(refusal.value) and before[0] in str(refusal.value)
    assert served(home) == before
    assert list(home.refusals.glob("*.json"))

    # the next day the vendor has corrected the bar (the overlap asks again), but an optional vendor sends a page:
    # published, the correction is a recorded version, and the gap is named
    monkeypatch.setenv("UPDRAFT_SAMPLE_FAULT", "html_200@cdn.cboe.com")
    monkeypatch.setenv("UPDRAFT_CLOCK", DAY_3)
    done = steps.refresh(Settings.from_env())
    assert done is not None and done.is_new and served(home)[0] != before[0]
    assert [v.rule_id for v in done.verdicts if v.outcome == "failed"] == ["source_health.optional_alive"]
    con = reader(home.door)
    told = con.execute(
        "SELECT kind, observed::VARCHAR FROM meta.revisions WHERE dataset = 'yahoo_bars' AND entity = '^SMP' AND kind <> 'new'"
    ).fetchall()
    largest = con.execute(
        "SELECT max(abs(return_1d)) FROM marts.market_daily WHERE instrument_id = 'IX:SMP' AND session_date > DATE '2026-01-01'"
    ).fetchone()
    newest = "ORDER BY session_date DESC LIMIT 1"
    health = con.execute(
        f"SELECT state, failed FROM marts.source_health WHERE dataset = 'cboe_index_history' {newest}"
    ).fetchone()
    vix = con.execute(f"SELECT vix, status FROM marts.volatility_sentiment_daily {newest}").fetchone()
    mood = con.execute(
        f"SELECT score, status FROM marts.driver_scorecard WHERE driver_id = 'sentiment' {newest}"
    ).fetchone()
    con.close()
    assert told == [("restated_bar", "2026-01-14")]
    assert largest is not None and largest[0] < 5
    assert health == ("failed", 7)
    assert vix == (None, "NOT_PUBLISHED")
    assert mood == (None, "LOW_COVERAGE")
