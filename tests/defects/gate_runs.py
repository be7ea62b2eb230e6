"""One whole run with defects in the vendors' answers. Belongs here: running and comparing. Does not: which defects."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

import pytest
from compiled import Compiled
from defect_list import Defect, defects

from ingestion.registry import all_sources
from orchestration import steps
from orchestration.settings import Settings
from warehouse import generations
from warehouse.database import reader
from warehouse.generations import Generation
from warehouse.publish import Published, PublishRefused


def runs(tier: str) -> list[tuple[str, tuple[Defect, ...]]]:
    """The runs of the catalogue whose name starts with ``tier``, with their defects."""
    own = sorted((d for d in defects() if d.run.startswith(tier)), key=lambda d: d.run)
    return [(name, tuple(group)) for name, group in groupby(own, key=lambda d: d.run)]


def check(settings: Settings, together: tuple[Defect, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run with all these defects: refused by exactly the rules they name, and what was served is served."""
    before = generations.published(settings.home)
    assert before is not None
    monkeypatch.setenv("UPDRAFT_SAMPLE_FAULT", "|".join(defect.fault for defect in together))
    wanted = {rule for defect in together for rule in defect.rules}
    if all(defect.net == "flag" for defect in together):
        done = _evening(settings, before)
        assert done.is_new
        failed = {v.rule_id: v.observed for v in done.verdicts if v.outcome == "failed"}
        assert set(failed) >= wanted, failed
        for defect in together:
            _abstains(settings, defect, failed)
        return
    with pytest.raises(PublishRefused) as refused:
        _evening(settings, before)
    refusing = {v.rule_id: v.error or v.observed for v in refused.value.verdicts if v.refuses}
    assert set(refusing) == wanted, refusing
    now = generations.published(settings.home)
    assert now is not None and now.name == before.name


def _evening(settings: Settings, before: Generation) -> Published:
    """Ask, load, compute what dbt compiled for the evening before, publish: the path of a run without dbt's overhead."""
    for source in all_sources():
        steps.load_dataset(settings, source, steps.fetch_dataset(settings, source))
    return Compiled.of(settings.home, datetime.fromisoformat(before.receipt["as_of"])).publish(settings)


# what a reader of market_daily must find on the newest session, by the rule that warns
SAID = {
    "market_daily.in_doubt": ("status_price", "return_1d, close_split, above_sma20"),
    "market_daily.payouts_aside": ("status_return", "return_1d"),
    "market_daily.volumes_aside": ("status_volume", "volume"),
}

BELIEVED = "rate_expectations.prices_are_believed"
RANKED = "sector_leadership_daily.ranked_now"


def _abstains(settings: Settings, defect: Defect, failed: dict[str, str]) -> None:
    """What is published with a warning says that it does not know; a warning about one symbol names it."""
    con = reader(settings.home.door)
    newest = "session_date = (SELECT max(session_date) FROM marts.breadth_daily)"
    if BELIEVED in defect.rules:
        odds = con.execute(
            "SELECT meeting_date, status, expected_rate, p_hike FROM marts.rate_expectations WHERE is_default"
            f" AND span = 'meeting' AND {newest} ORDER BY meeting_date LIMIT 1"
        ).fetchall()
        assert [row[1:] for row in odds] == [("SUSPECT_INPUT", None, None)], (defect.name, odds)
    if RANKED in defect.rules:
        ranks = con.execute(f"SELECT DISTINCT rank_20d FROM marts.sector_leadership_daily WHERE {newest}").fetchall()
        assert ranks == [(None,)], (defect.name, ranks)
    told = [rule for rule in defect.rules if rule in SAID]
    if not told and not {BELIEVED, RANKED} & set(defect.rules):
        counts = con.execute(
            "SELECT DISTINCT status_counts, advancers, status_bounds, pct_above_sma50_high - pct_above_sma50_low > 40"
            f" FROM marts.breadth_daily WHERE is_default AND segment_type = 'universe' AND {newest}"
        ).fetchall()
        # the share is withheld, and its bounds say how far off it could have been
        assert counts == [("LOW_COVERAGE", None, "OK", True)], (defect.name, counts)
    for rule in told:
        symbol = defect.fault.partition("/chart/")[2].partition("?")[0]
        status, values = SAID[rule]
        rows = con.execute(
            f"SELECT instrument_id, {status}, {values} FROM marts.market_daily"
            f" WHERE split_part(instrument_id, ':', 2) = ? AND {newest}",
            [symbol],
        ).fetchall()
        assert [row[1:] for row in rows] == [("SUSPECT_INPUT", *[None] * (len(rows[0]) - 2))], (defect.name, rows)
        assert rows[0][0] in failed[rule], f"{rule} must name {rows[0][0]}: {failed[rule]}"
    con.close()
