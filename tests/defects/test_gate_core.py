"""Defects of indices, funds, macro, volatility and crypto, caught by the gate after a whole run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from defect_list import Defect
from gate_runs import check, runs

from orchestration.settings import Settings


@pytest.mark.parametrize("together", [d for _, d in runs("core")], ids=[name for name, _ in runs("core")])
def test_refused_by_exactly_the_named_rules(
    together: tuple[Defect, ...], day_after: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(day_after("core"), together, monkeypatch)
