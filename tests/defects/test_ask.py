"""Answers that are refused before anything is loaded, each for the reason it names."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from defect_list import KEY, NETS, Defect, defects

from ingestion.registry import source
from orchestration import steps
from orchestration.settings import Settings


def test_the_catalogue_is_long_enough_and_uses_every_net() -> None:
    found = defects()
    assert len(found) >= 30
    assert {defect.net for defect in found} == set(NETS)


@pytest.mark.parametrize("defect", defects("ask"), ids=lambda d: d.name)
def test_the_answer_is_refused(
    defect: Defect, empty_home: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = source(defect.dataset)
    settings = empty_home(asked.tier)
    monkeypatch.setenv("UPDRAFT_SAMPLE_FAULT", defect.fault)
    if asked.key_variable:
        monkeypatch.setenv(asked.key_variable, KEY)
    for needed in asked.needs:
        steps.fetch_dataset(settings, source(needed))
    try:
        report = steps.fetch_dataset(settings, asked)
    except steps.StepFailed as error:
        said = str(error)
    else:
        assert report.outcomes["error"], report
        said = " ".join(report.errors)
    assert all(re.search(rule, said) for rule in defect.rules), said
    monkeypatch.delenv("UPDRAFT_SAMPLE_FAULT")
    again = steps.fetch_dataset(settings, asked)  # what failed is asked again, and the true answer is taken
    assert again.requested and not again.outcomes["error"]
