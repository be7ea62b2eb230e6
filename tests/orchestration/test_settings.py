"""Settings: defaults, the two clocks, and errors that name the variable."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingestion.calendar import last_snapshot
from orchestration.settings import Settings, SettingsError, moment


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VENDORS", "TIER", "AS_OF", "CLOCK", "PUBLISH_TO", "HOME"):
        monkeypatch.delenv(f"UPDRAFT_{name}", raising=False)


def test_the_default_is_the_sample_at_its_own_last_session() -> None:
    settings = Settings.from_env()
    assert str(settings.vendors) == "sample" and settings.tier == "full"
    assert settings.now() == settings.as_of_moment() == datetime(2026, 1, 16, 1, 0, tzinfo=UTC)


def test_as_of_limits_knowledge_and_leaves_the_sample_clock_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_AS_OF", "2025-06-30")
    settings = Settings.from_env()
    assert settings.as_of_moment() == datetime(2025, 7, 1, 0, 0, tzinfo=UTC)  # 20:00 New York in summer
    assert settings.now() == datetime(2026, 1, 16, 1, 0, tzinfo=UTC)


def test_a_mirror_is_asked_as_of_the_as_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_VENDORS", "http://127.0.0.1:8099")
    monkeypatch.setenv("UPDRAFT_AS_OF", "2026-01-15")
    settings = Settings.from_env()
    assert settings.now() == settings.as_of_moment() == datetime(2026, 1, 16, 1, 0, tzinfo=UTC)
    assert settings.home.root.name == "127.0.0.1-8099"


def test_settings_survive_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_VENDORS", "http://127.0.0.1:8099")
    monkeypatch.setenv("UPDRAFT_TIER", "core")
    monkeypatch.setenv("UPDRAFT_AS_OF", "2026-01-15")
    before = Settings.from_env()
    for name, value in before.to_env().items():
        monkeypatch.setenv(name, value)
    assert Settings.from_env() == before


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("UPDRAFT_VENDORS", "yahoo", "'sample', 'live' or a base URL"),
        ("UPDRAFT_VENDORS", "http://user:secret@127.0.0.1", "base URL"),
        ("UPDRAFT_TIER", "all", "'core' or 'full'"),
        ("UPDRAFT_AS_OF", "yesterday", "must be a date"),
        ("UPDRAFT_CLOCK", "2026-01-16T01:00:00", "has no offset"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=says) as error:
        Settings.from_env()
    assert name in str(error.value)


def test_live_vendors_are_always_asked_at_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_VENDORS", "live")
    monkeypatch.setenv("UPDRAFT_CLOCK", "2026-01-16T01:00:00+00:00")
    with pytest.raises(SettingsError, match="wall clock"):
        Settings.from_env()


def test_the_last_snapshot_is_the_one_that_has_passed() -> None:
    assert last_snapshot(datetime(2026, 1, 16, 0, 59, 59, tzinfo=UTC)) == datetime(2026, 1, 15, 1, 0, tzinfo=UTC)
    assert last_snapshot(datetime(2026, 1, 16, 1, 0, tzinfo=UTC)) == datetime(2026, 1, 16, 1, 0, tzinfo=UTC)
    assert last_snapshot(datetime(2026, 1, 19, 23, 0, tzinfo=UTC)) == datetime(
        2026, 1, 17, 1, 0, tzinfo=UTC
    )  # a holiday
    with pytest.raises(ValueError, match="calendar seed"):
        last_snapshot(datetime(2199, 1, 1, tzinfo=UTC))


def test_moments_are_utc() -> None:
    assert moment("X", "2026-01-15T20:00:00-05:00") == datetime(2026, 1, 16, 1, 0, tzinfo=UTC)
    assert moment("X", "") is None


@pytest.mark.parametrize(("name", "value"), [("CLOCK", "2026-01-17T02:00:00+00:00"), ("AS_OF", "2026-01-16")])
def test_the_sample_past_its_end_says_so(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    Settings.from_env().within_the_world()
    monkeypatch.setenv(f"UPDRAFT_{name}", value)
    with pytest.raises(SettingsError, match="sample world ends with session 2026-01-15"):
        Settings.from_env().within_the_world()
