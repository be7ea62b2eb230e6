"""One whole run with defects in the vendors' answers. Belongs here: running and comparing. Does not: which defects."""

from __future__ import annotations

from itertools import groupby

import pytest
from defect_list import Defect, defects

from orchestration import steps
from orchestration.settings import Settings
from warehouse import generations
from warehouse.publish import PublishRefused
from warehouse.store import reader


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
        done = steps.refresh(settings)
        assert done is not None and done.is_new
        assert {v.rule_id for v in done.verdicts if v.outcome == "failed"} >= wanted
        _abstains(settings)
        return
    with pytest.raises(PublishRefused) as refused:
        steps.refresh(settings)
    refusing = {v.rule_id: v.error or v.observed for v in refused.value.verdicts if v.refuses}
    assert set(refusing) == wanted, refusing
    now = generations.published(settings.home)
    assert now is not None and now.name == before.name


def _abstains(settings: Settings) -> None:
    """What is published with a warning says that it does not know."""
    con = reader(settings.home.door)
    newest = con.execute(
        "SELECT DISTINCT status_counts, advancers FROM marts.breadth_daily WHERE is_default AND segment_type = 'universe'"
        " AND session_date = (SELECT max(session_date) FROM marts.breadth_daily)"
    ).fetchall()
    con.close()
    assert newest == [("LOW_COVERAGE", None)]
