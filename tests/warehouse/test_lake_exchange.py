"""What of a table is exchanged in the lake when some months differ, and what a run without a lake does not load."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

from warehouse.content import Months, Sums
from warehouse.lake import Exchange, to_exchange
from warehouse.twin import LARGE

JANUARY, MAY, LATER = date(2024, 1, 1), date(2024, 5, 1), date(2025, 2, 1)
SMALL: Months = {JANUARY: Sums(3, 5, 7), LATER: Sums(2, 1, 1)}
BIG: Months = {None: Sums(1, 8, 8), JANUARY: Sums(LARGE, 5, 7), MAY: Sums(9, 5, 7), LATER: Sums(2, 1, 1)}
YEAR_2024 = "session_date BETWEEN DATE '2024-01-01' AND DATE '2024-12-31'"
YEAR_2025 = "session_date BETWEEN DATE '2025-01-01' AND DATE '2025-12-31'"


def names(exchange: Exchange) -> tuple[tuple[str, ...], list[str]]:
    return exchange.out, [piece.name for piece in exchange.new]


def test_what_is_equal_stays() -> None:
    assert to_exchange(SMALL, dict(SMALL)) == to_exchange(BIG, dict(BIG)) == to_exchange({}, {}) == Exchange()


def test_a_new_table_is_written_whole_a_large_one_by_year() -> None:
    assert names(to_exchange({}, SMALL)) == ((), ["all"])
    assert names(to_exchange({}, BIG)) == ((), ["2024", "2025", "undated"])


def test_a_small_table_is_exchanged_whole() -> None:
    assert names(to_exchange(SMALL, {JANUARY: Sums(3, 5, 7)})) == (("true",), ["all"])
    assert names(to_exchange(SMALL, {})) == (("true",), [])


def test_of_a_large_table_only_years_in_which_a_month_differs() -> None:
    assert names(to_exchange(BIG, {**BIG, LATER: Sums(3, 2, 2)})) == ((YEAR_2025,), ["2025"])
    assert names(to_exchange(BIG, {**BIG, MAY: Sums(9, 5, 8)})) == ((YEAR_2024,), ["2024"])
    assert names(to_exchange(BIG, {**BIG, None: Sums(1, 8, 9)})) == (("session_date IS NULL",), ["undated"])
    assert names(to_exchange(BIG, {**BIG, date(2026, 1, 1): Sums(1, 1, 1)})) == ((), ["2026"])
    assert names(to_exchange({**BIG, date(2026, 1, 1): Sums(1, 1, 1)}, BIG)) == (
        ("session_date BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'",),
        [],
    )


def test_a_table_that_became_large_or_small_is_exchanged_whole() -> None:
    assert names(to_exchange(SMALL, BIG)) == (("true",), ["2024", "2025", "undated"])
    assert names(to_exchange(BIG, SMALL)) == (("true",), ["all"])


def test_what_nobody_can_compare_is_exchanged_whole() -> None:
    assert names(to_exchange(None, SMALL)) == (("true",), ["all"])


def test_every_row_of_a_piece_is_proven() -> None:
    pieces = to_exchange({}, BIG).new
    assert {month: sums for piece in pieces for month, sums in piece.months.items()} == BIG


def test_a_run_without_a_lake_loads_nothing_of_it() -> None:
    code = (
        "import sys, orchestration.definitions as d; d.defs()\n"
        "print(sorted(m for m in sys.modules if m.startswith(('warehouse.lake', 'duckdb_extension', 'boto', 'psycopg'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
