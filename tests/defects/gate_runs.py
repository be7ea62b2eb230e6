"""One whole run with defects in the vendors' answers. Belongs here: running and comparing. Does not: which defects."""

from __future__ import annotations

from itertools import groupby

import pytest
from defect_list import Defect, defects

from orchestration import steps
from orchestration.settings import Settings
from warehouse import generations
from warehouse.publish import PublishRefused


def runs(tier: str) -> list[tuple[str, tuple[Defect, ...]]]:
    """The runs of the catalogue whose name starts with ``tier``, with their defects."""
    own = sorted((d for d in defects("gate") if d.run.startswith(tier)), key=lambda d: d.run)
    return [(name, tuple(group)) for name, group in groupby(own, key=lambda d: d.run)]


def check(settings: Settings, together: tuple[Defect, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run with all these defects: refused by exactly the rules they name, and what was served is served."""
    before = generations.published(settings.home)
    assert before is not None
    monkeypatch.setenv("UPDRAFT_SAMPLE_FAULT", "|".join(defect.fault for defect in together))
    with pytest.raises(PublishRefused) as refused:
        steps.refresh(settings)
    refusing = {v.rule_id: v.error or v.observed for v in refused.value.verdicts if v.refuses}
    wanted = {rule for defect in together for rule in defect.rules}
    assert set(refusing) == wanted, refusing
    now = generations.published(settings.home)
    assert now is not None and now.name == before.name
