"""The gate's rules about valuation on tables of two rows: sound ones pass, each fault is refused by its rule. And the second
computation's identity is the specification's.

Belongs here: faults a rule must refuse, by name. Does not: what every mart is held to (``tests/warehouse``).
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from rules_shown import failing, rules_of
from second.valuation import identity

ABOUT = ("valuation_daily", "return_decomposition")
RULES = {
    name: rule
    for name, rule in rules_of(ABOUT, but=r"\w+_joins|\w+_vocabulary|\w+_values").items()
    if rule.severity == "critical"
}
# a gap of 2 over a real yield of 2; 5000 to 6000 with earnings of 250 and 270, as in the specification
TABLES = {
    "rates_daily": """
        SELECT DATE '2025-01-02' + n AS session_date, 2.0 AS tips10, 4.5 AS y10, 3.5 AS m3, 2.0 AS earnings_yield_gap,
            4.25 AS erp_implied FROM (VALUES (0), (1)) AS t(n)""",
    "valuation_daily": """
        SELECT DATE '2025-01-02' + n AS session_date, 'IX' AS index_id, 25.0 AS pe, 4.0 AS earnings_yield, 2.0 AS earnings_yield_gap,
            -0.5 AS nominal_spread, 0.5 AS cash_spread, 4.25 AS erp_implied, 20.0 AS pe_fwd, 5.0 AS earnings_yield_fwd,
            80.0 AS cape_percentile_10y, 20.0 AS yield_percentile_10y, 0.9 AS coverage, 0.85 AS coverage_fwd, 'OK' AS status_yield,
            'OK' AS status_pe, 'OK' AS status_yield_fwd FROM (VALUES (0), (1)) AS t(n)""",
    "return_decomposition": """
        SELECT DATE '2025-01-31' AS session_date, DATE '2025-01-02' AS window_start, 5000.0 AS price_start, 6000.0 AS price_end,
            ln(1.2) AS log_price, ln(1.08) AS log_earnings, ln(1.2) - ln(1.08) AS log_multiple, 0.8 * (ln(1.2) - ln(1.08)) AS log_real_rate,
            0.2 * (ln(1.2) - ln(1.08)) AS log_gap, 0.0 AS log_dividend, ln(1.2) AS log_total, 0.0 AS residual, 20.0 AS total_return_pp,
            8.0 AS earnings_pp, 9.0 AS real_rate_pp, 3.0 AS gap_pp, 0.0 AS dividend_pp, 'OK' AS status_share""",
}
FAULTS = {
    "a ratio of another yield": ("UPDATE marts.valuation_daily SET pe = 24", {"valuation_daily.ratio_is_the_inverse_of_the_yield"}),
    "a ratio of a loss": (
        "UPDATE marts.valuation_daily SET earnings_yield = -1, pe = -100, earnings_yield_gap = -3, nominal_spread = -5.5, cash_spread = -4.5;"
        " UPDATE marts.rates_daily SET earnings_yield_gap = -3",
        {"valuation_daily.ratio_is_the_inverse_of_the_yield"},
    ),
    "a gap over the nominal yield": ("UPDATE marts.valuation_daily SET earnings_yield_gap = -0.5", {"valuation_daily.gaps_are_differences"}),
    "rates that say another premium": ("UPDATE marts.rates_daily SET erp_implied = 5", {"valuation_daily.gaps_are_differences"}),
    "a yield of half of the market": ("UPDATE marts.valuation_daily SET coverage = 0.5", {"valuation_daily.covered"}),
    "earnings in thousands": (
        "UPDATE marts.valuation_daily SET earnings_yield_fwd = 5000, pe_fwd = 0.02",
        {"valuation_daily.yields_in_range"},
    ),
    "a percentile of 120": ("UPDATE marts.valuation_daily SET cape_percentile_10y = 120", {"valuation_daily.percentiles_in_range"}),
    "something left over": (
        "UPDATE marts.return_decomposition SET residual = 2e-12",
        {"return_decomposition.terms_sum_to_the_return"},
    ),
    "a term too large": (
        "UPDATE marts.return_decomposition SET log_gap = log_gap + 1e-10",
        {"return_decomposition.terms_sum_to_the_return", "return_decomposition.parts_sum_to_their_whole"},
    ),
    "points of logarithms": (
        "UPDATE marts.return_decomposition SET earnings_pp = 7.696",
        {"return_decomposition.points_sum_to_the_return"},
    ),
    "a share of nothing": (
        "UPDATE marts.return_decomposition SET total_return_pp = 0.5, earnings_pp = -11.5, log_dividend = ln(1.005) - ln(1.2),"
        " log_total = ln(1.005)",
        {"return_decomposition.shares_of_moves_only"},
    ),
}  # fmt: skip


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA marts")
        for name, sql in TABLES.items():
            con.execute(f"CREATE TABLE marts.{name} AS {sql}")
            for column, kind, *_ in con.execute(f"DESCRIBE marts.{name}").fetchall():
                if kind.startswith("DECIMAL"):
                    con.execute(f"ALTER TABLE marts.{name} ALTER {column} TYPE DOUBLE")
        yield con


def test_sound_tables_pass(marts: duckdb.DuckDBPyConnection) -> None:
    assert failing(marts, RULES) == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_its_rule(marts: duckdb.DuckDBPyConnection, fault: str) -> None:
    sql, wanted = FAULTS[fault]
    marts.execute(sql)
    assert failing(marts, RULES) == wanted


def test_every_rule_refuses_something() -> None:
    assert set(RULES) == set.union(*(wanted for _, wanted in FAULTS.values()))


def test_the_second_computation_is_the_specification() -> None:
    """Price 5000 to 6000, earnings 250 to 270, real yield 2.2 to 1.8 percent; the figures it prints."""
    got = identity((5000, 6000), (250, 270), (0.022, 0.018), 0.0)
    printed = {"log_mean_yield": 0.0474561, "log_earnings": 0.076961, "log_real_rate": 0.084288, "log_gap": 0.021072}
    printed |= {"log_total": 0.182322, "points_earnings": 0.08442, "points_real_rate": 0.09246, "points_gap": 0.02312}
    for name, value in printed.items():
        assert round(got[name], len(str(value)) - 2) == value, name
    assert round(got["cash_flow_share"], 2) == 0.42
    assert abs(sum(got[f"points_{n}"] for n in ("earnings", "real_rate", "gap", "dividend")) - 0.2) < 1e-15
