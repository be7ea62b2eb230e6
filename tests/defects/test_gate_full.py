"""Defects of stocks and of the list of members, caught by the gate after a whole run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from defect_list import Defect
from gate_runs import check, runs

from orchestration.settings import Settings


@pytest.mark.parametrize("together", [d for _, d in runs("full")], ids=[name for name, _ in runs("full")])
def test_refused_by_exactly_the_named_rules(
    together: tuple[Defect, ...], day_after: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(day_after("full"), together, monkeypatch)
