"""Every evening of a random history of corrections publishes, and what changed is told by kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from evenings import TinyHome, live, untold_kinds
from vendors import EVENINGS, EVENTS, Vendors, history

from ingestion.calendar import snapshot_at

SEEDS = (1, 3)


def test_the_histories_hold_every_kind_of_event() -> None:
    assert {event for seed in SEEDS for evening in history(seed) for event in evening} == set(EVENTS)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_evening_publishes_and_tells_what_changed(
    prepared: Path, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path / "home"))
    lived = live(TinyHome(tmp_path / "home", prepared), seed)  # raises PublishRefused where an evening is refused
    assert [one.day for one in lived] == EVENINGS[1:]
    assert [line for one in lived for line in one.untold] == []
    assert untold_kinds(lived) == []
    assert sum(one.changed.total() for one in lived) > 100, "the corrections changed nothing: the test proves nothing"


def test_a_build_as_of_an_earlier_day_is_judged_by_what_was_published_until_then(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A close restated since does not refuse it, it is kept aside to be shown, and what is served stays."""
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path / "home"))
    tiny, vendors = TinyHome(tmp_path / "home", prepared), Vendors.at_rest(0)
    vendors.closes["AAQ"][EVENINGS[0]] += 40
    tiny.evening(vendors, EVENINGS[1], [])
    assert tiny.evening(vendors, EVENINGS[2], []).kinds["yahoo_bars", "restated_bar"] == 1
    served = tiny.home.current.resolve()
    done = tiny.publish(snapshot_at(EVENINGS[0]))
    assert not done.is_new and done.path.parent == tiny.home.earlier and (done.path / "index.html").exists()
    assert tiny.home.current.resolve() == served
