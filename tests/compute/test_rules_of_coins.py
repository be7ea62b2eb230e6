"""The gate's rules about a second vendor of coins' prices: it warns where the two are apart, and never stands in."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from rules_shown import failing, marts_with, rules_of

RULES = {name: rule for name, rule in rules_of(("crypto_daily",)).items() if "mirror" in name}
ROWS = {
    "crypto_daily": [
        {"instrument_id": "CR:BTC", "session_date": day, "alignment": "utc_day", "is_async": True, "close_utc_day": 100.0,
         "mirror_gap": gap, "mirror_tolerance": 1.25}
        for day, gap in (("2025-10-01", 5.0), ("2025-12-08", -1.25), ("2025-12-09", 1.25), ("2025-12-10", None))
    ]
}  # fmt: skip
FAULTS = {
    "further apart than the peg allows": ("UPDATE marts.crypto_daily SET mirror_tolerance = 1", "mirror_agrees"),
    "another scale": ("UPDATE marts.crypto_daily SET mirror_gap = -99 WHERE mirror_gap > 1", "mirror_agrees"),
    "the mirror instead of the price": (
        "UPDATE marts.crypto_daily SET close_utc_day = NULL",
        "mirror_is_not_the_price",
    ),
}


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with marts_with(ROWS) as con:
        yield con


def test_what_agrees_and_what_is_long_ago_passes(marts: duckdb.DuckDBPyConnection) -> None:
    assert len(RULES) == 2 and failing(marts, RULES) == set()
    assert RULES["crypto_daily.mirror_agrees"].severity == "warning"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_its_rule(marts: duckdb.DuckDBPyConnection, fault: str) -> None:
    sql, rule = FAULTS[fault]
    marts.execute(sql)
    assert failing(marts, RULES) == {f"crypto_daily.{rule}"}
