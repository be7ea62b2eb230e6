"""Rows that are set aside: by the named rules, with the reason kept; and facts if these rules were not there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from defect_list import KEY, Defect, defects

from ingestion.registry import source
from ingestion.source import Source
from orchestration import steps
from orchestration.settings import Settings
from warehouse import raw
from warehouse.database import build_session, quoted
from warehouse.home import Home
from warehouse.landing import Landing

BUILT_IN = {"duplicate_key", "repeated_row"}  # what the loader itself cannot do without


def loaded(home: Home, one: Source) -> tuple[dict[str, int], int]:
    """(quarantined rows by rule, rows kept) after loading everything landed of one dataset into a new build file."""
    home.build.unlink(missing_ok=True)
    with build_session(home) as con:
        raw.ensure(con, (one,))
        raw.load(con, one, Landing(home.landing))
        aside = con.execute(f"SELECT rule, count(*) FROM quarantine.{quoted(one.dataset)} GROUP BY 1").fetchall()
        kept = con.execute(f"SELECT count(*) FROM raw.{quoted(one.dataset)}").fetchall()[0][0]
    return dict(aside), kept


@pytest.mark.parametrize("defect", defects("load"), ids=lambda d: d.name)
def test_the_row_is_set_aside_by_its_rules_alone(
    defect: Defect, empty_home: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = source(defect.dataset)
    settings = empty_home(one.tier)
    monkeypatch.setenv("UPDRAFT_SAMPLE_FAULT", defect.fault)
    if one.key_variable:
        monkeypatch.setenv(one.key_variable, KEY)
    for needed in one.needs:
        steps.fetch_dataset(settings, source(needed))
    steps.fetch_dataset(settings, one)
    aside, kept = loaded(settings.home, one)
    assert set(aside) == {defect.rules[0]}, "the first rule names the row; the others stand behind it"
    if set(defect.rules) <= BUILT_IN:
        return
    kept_rules = tuple(rule for rule in one.rules if rule.name not in defect.rules)
    blind = dataclasses.replace(one, rules=kept_rules, plausible=None)
    assert blind != one
    unseen, more = loaded(settings.home, blind)
    assert not unseen and more == kept + sum(aside.values())
