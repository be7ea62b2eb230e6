"""Short positions of the sample: told when they were public, consistent in themselves, smaller after covering."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from ingestion.sample.world import shorts
from ingestion.sample.world.clock import clock
from ingestion.sample.world.drivers import drivers
from ingestion.sample.world.market import world

FILE = "https://cdn.finra.org/equity/otcmarket/biweekly/shrt{}.csv"
Get = Callable[..., Any]


def rows(text: str) -> dict[str, dict[str, str]]:
    header, *lines = [line.split("|") for line in text.splitlines()]
    return {line[1]: dict(zip(header, line, strict=True)) for line in lines}


def test_a_file_has_listed_securities_and_others(ask: Get) -> None:
    held = rows(ask(FILE.format("20251231")).text)
    assert {"NA", "TRUE", "HRNB", "BZWV", "NZRA", "UNDWQ"} <= set(held)
    assert (held["UNDWQ"]["marketClassCode"], held["UNDWQ"]["daysToCoverQuantity"]) == ("OTC", "999.99")
    bars, t = world().bars["NA"], clock().index(date(2025, 12, 31))
    mean = bars.volume[clock().index(date(2025, 12, 15)) + 1 : t + 1].sum() / 11  # sessions
    assert float(held["NA"]["averageDailyVolumeQuantity"]) == pytest.approx(mean, abs=0.5)
    before = rows(ask(FILE.format("20251215")).text)["NA"]["currentShortPositionQuantity"]
    assert held["NA"]["previousShortPositionQuantity"] == before


def test_a_file_is_public_on_its_evening_and_others_are_denied(ask: Get) -> None:
    early = ask(FILE.format("20251231"), datetime(2026, 1, 13, 22, 59, tzinfo=UTC))
    assert (early.status_code, "<Code>AccessDenied</Code>" in early.text) == (403, True)
    assert ask(FILE.format("20251231"), datetime(2026, 1, 13, 23, tzinfo=UTC)).status_code == 200
    assert {ask(FILE.format(day)).status_code for day in ("20251230", "20259931", "20260115")} == {403}


def test_a_split_is_marked_and_the_position_before_is_not_restated(ask: Get) -> None:
    """BRZQ, three for two on 2025-08-25."""
    marked = rows(ask(FILE.format("20250829")).text)["BRZQ"]
    assert marked["stockSplitFlag"] == "S"
    now, before = float(marked["currentShortPositionQuantity"]), float(marked["previousShortPositionQuantity"])
    assert now == pytest.approx(1.5 * before, rel=0.25)
    assert {
        row["stockSplitFlag"] for name, row in rows(ask(FILE.format("20250829")).text).items() if name != "BRZQ"
    } == {""}


def test_a_position_is_corrected_some_sessions_later(ask: Get) -> None:
    then, now = (rows(ask(FILE.format("20251215"), datetime(2026, 1, day, 1, tzinfo=UTC)).text) for day in (6, 8))
    assert (then["PTRQ"]["revisionFlag"], now["PTRQ"]["revisionFlag"]) == ("", "R")
    assert float(then["PTRQ"]["currentShortPositionQuantity"]) == pytest.approx(
        0.8 * float(now["PTRQ"]["currentShortPositionQuantity"]), abs=1
    )
    assert {name for name in then if then[name] != now[name]} == {"PTRQ"}


def test_covering_shows_in_the_positions() -> None:
    """Where the driver covered most between two settlement days, positions fell most."""
    days = [clock().index(day) for day in shorts.settlements() if day >= date(2016, 1, 1)]
    covering = np.cumsum(drivers().returns["short_covering"])[days]
    left = shorts.open_positions()[days]
    changed, moved = np.diff(covering), np.diff(left) / left[:-1]
    most = np.argsort(changed)[-10:]
    assert (moved[most] < 0).all()
    assert float(np.corrcoef(changed, moved)[0, 1]) < -0.7
