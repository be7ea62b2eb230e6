"""Which second computation speaks for which reading and which column of a mart.

Belongs here: the two tables, and what is wrong where both computations meet. Does not: any computation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import yaml

from orchestration.manifest import marts
from second import (
    article,
    beliefs,
    blocks,
    boards,
    breadth,
    buybacks,
    claims,
    coins,
    combined,
    commodities,
    company_reports,
    contributions,
    cross_asset,
    dates,
    dips,
    durability,
    earnings,
    fed_funds,
    fiscal,
    funds,
    futures,
    leadership,
    lists,
    macro_readings,
    macro_tables,
    margin,
    options,
    pairs,
    participation,
    policy_readings,
    prices,
    rallies,
    rates,
    readings,
    rebalances,
    releases,
    scenarios,
    scores,
    sentiment,
    shorts,
    silent,
    surveys,
    technicals,
    uncertainty,
    valuation,
)
from second.compare import DIGIT, difference
from second.facts import World

Again = Callable[[World], pl.DataFrame]

MARTS: dict[str, Again] = {
    "analogue_episodes": beliefs.analogue_episodes,
    "analogues": beliefs.analogues,
    "article_lines": article.article_lines,
    "article_links": article.article_links,
    "breadth_daily": breadth.breadth_daily,
    "cited_figures": claims.cited_figures,
    "claim_facts": claims.claim_facts,
    "claim_parts": claims.claim_parts,
    "claims_audit": claims.claims_audit,
    "concentration_daily": contributions.concentration_daily,
    "contribution_windows": contributions.contribution_windows,
    "contributions": contributions.contributions,
    "correlation_matrix": pairs.correlation_matrix,
    "cross_asset_correlation": pairs.cross_asset_correlation,
    "crypto_daily": coins.crypto_daily,
    "daily_panel": scores.daily_panel,
    "dates_ahead": dates.dates_ahead,
    "dim_calendar": lists.dim_calendar,
    "dim_instrument": lists.dim_instrument,
    "dim_symbol": lists.dim_symbol,
    "driver_evidence": scores.driver_evidence,
    "driver_scorecard": scores.driver_scorecard,
    "durability": durability.durability,
    "durability_correlations": durability.durability_correlations,
    "durability_skill": durability.durability_skill,
    "durability_tests": durability.durability_tests,
    "earnings_calendar": earnings.earnings_calendar,
    "earnings_estimates": earnings.earnings_estimates,
    "earnings_season": earnings.earnings_season,
    "episode_statistics": durability.episode_statistics,
    "events": releases.events,
    "flows_daily": funds.flows_daily,
    "flows_weekly": funds.flows_weekly,
    "implications": boards.implications,
    "indicator_readings": scores.said_of_readings,
    "macro_as_known": macro_tables.macro_as_known,
    "macro_vintages": macro_tables.macro_vintages,
    "market_daily": prices.market_daily,
    "misconceptions": beliefs.misconceptions,
    "positioning": shorts.positioning,
    "precedents": beliefs.precedents,
    "rally_daily": rallies.rally_daily,
    "rally_episodes": rallies.rally_episodes,
    "rate_distribution": fed_funds.rate_distribution,
    "rate_expectations": fed_funds.rate_expectations,
    "rates_daily": rates.rates_daily,
    "return_decomposition": valuation.return_decomposition,
    "scenario_tests": scenarios.scenario_tests,
    "scenarios": scenarios.scenarios,
    "sector_leadership_daily": leadership.sector_leadership_daily,
    "snapshot": boards.snapshot,
    "source_health": lists.source_health,
    "theme_daily": claims.theme_daily,
    "universe_membership": lists.universe_membership,
    "valuation_daily": valuation.valuation_daily,
    "verdict_track_record": durability.verdict_track_record,
    "volatility_sentiment_daily": sentiment.volatility_sentiment_daily,
    "weekly_checklist": boards.weekly_checklist,
}
READINGS: dict[Again, tuple[str, ...]] = {
    readings.breadth: (
        *("BR01_advancers", "BR01_decliners", "BR02_share", "BR02_net", "BR02_ratio", "BR03_rana", "BR04_ra_20"),
        *("BR04_line_20", "BR05_up_share", "BR06_trin", "BR07_20", "BR07_50", "BR07_100", "BR07_200", "BR08_highs"),
        *("BR08_lows", "BR09_net", "BR09_net_10d", "BR09_record", "BR10_ra", "BR10_classic", "BR11_ra", "BR11_classic"),
        *("BR12_zbt", "BR12_signal", "BR14_share", "BR14_50", "BR14_200", "BR14_net", "BR19_50_low", "BR19_50_high"),
        *("BR19_200_low", "BR19_200_high", "BR19_share_low", "BR19_share_high"),
    ),
    participation.equal_less_cap: ("BR13_1", "BR13_20", "BR13_60", "BR13_252"),
    participation.sizes: ("BR16_20", "BR16_positive_20", "BR16_spread_20", "BR16_50"),
    participation.divergence: ("BR17",),
    participation.week: ("BR18",),
    leadership.strength: (
        *("BR15_1", "BR15_5", "BR15_20", "BR15_60", "BR15_sma50", "LC01_20", "LC01_60", "LC01_120", "LC12_20"),
    ),
    leadership.places: ("LC02_x", "LC02_y", "LC02_quadrant", "LC03_changes"),
    leadership.ranks: ("LC03_rank", "LC03_tau"),
    contributions.shares: (
        *("LC04_top1", "LC04_top5", "LC04_top7", "LC04_top10", "LC05_hhi", "LC05_n", "LC08_size_20", "LC08_gain_20"),
        *("LC08_size_trough", "LC08_gain_trough", "LC09_20", "LC10_20", "LC10_trough"),
    ),
    contributions.inside_sectors: ("LC04_sector",),
    contributions.residuals: ("LC06_residual", "LC07_residual_20", "LC07_residual_trough"),
    contributions.themes: ("LC11_return_20", "LC11_added_20", "LC11_added_trough"),
    readings.technical: ("RD01", "TE03", "TE10"),
    technicals.oversold: (
        *("TE01", "TE02_bounce", "TE02_since", "TE02_mean_5", "TE02_rose_5", "TE02_mean_21", "TE02_rose_21"),
    ),
    technicals.crosses: ("TE03_cross", "TE03_since"),
    technicals.levels: ("TE04_20", "TE04_55", "TE04_252", "TE05_distance", "TE05_break"),
    technicals.strategies: ("TE06", "TE07", "TE07_d5", "TE08_20", "TE08_60", "TE08_ewma"),
    technicals.breakdown: ("TE09",),
    readings.sentiment: ("VS01", "VS02_3m"),
    sentiment.index_readings: (
        *("VS01_d5", "VS01_pct_252", "VS01_pct_5y", "VS02_9d", "VS04", "VS04_pct", "VS05_points", "VS05_variance"),
        *("VS07_cor1m", "VS08_dspx", "VS09"),
    ),
    options.readings: (
        *("VS03_equity_5", "VS03_equity_21", "VS03_equity_pct", "VS03_index_5", "VS03_index_21", "VS03_index_pct"),
        *("VS03_total_5", "VS03_total_21", "VS03_total_pct"),
    ),
    sentiment.member_readings: (
        *("VS06_median", "VS06_weighted", "VS06_moves", "VS07_implied", "VS07_realised", "VS08", "VS10"),
    ),
    fed_funds.futures: (
        *("MP01_anchor_both", "MP01_cme_doc", "MP02_3m", "MP02_6m", "MP02_12m", "MP02_dec", "MP03_3m", "MP03_6m"),
        *("MP03_12m", "MP03_12m_bp", "MP03_12m_d1", "MP03_12m_d5", "MP03_12m_d20", "MP03_12m_d60", "MP04_cut"),
        *("MP04_hold", "MP04_hike", "MP04_cut_d1", "MP04_cut_d5", "MP04_spread", "MP04_spread_mpt"),
        "MP04_spread_bills",
    ),
    policy_readings.series: (*policy_readings.LEVELS, *policy_readings.SPREADS, *policy_readings.CHANGES),
    policy_readings.curve: ("MP06_level", "MP06_slope", "MP06_class"),
    policy_readings.term_premium: ("MP08_acm", "MP08_expected", "MP08_acm_d20", "MP08_expected_d20", "MP08_fit_d20"),
    policy_readings.stance: ("MP09_last", "MP09_months", "MP09_real", "MP09_shift_easing"),
    policy_readings.duration: ("MP11_tech", "MP11_tech_low", "MP11_tech_high"),
    earnings.season: (
        *("EA01_median", "EA02_beat", "EA02_in_line", "EA02_miss", "EA02_sector", "EA03", "EA04", "EA04_sector"),
        *("EA04_edgar", "EA04_edgar_sector", "EA05", "EA05_edgar", "EA05_beats", "EA09_companies", "EA09_median_gap"),
        *("EA10_top10", "EA10_ex7", "EA10_hhi"),
    ),
    earnings.sectors: ("EA09_sectors",),
    earnings.guidance: ("EA06",),
    earnings.revisions: ("EA07_4w", "EA07_13w", "EA08", "EA08_analysts"),
    company_reports.seasonal: ("EA11_median", "EA11_positive"),
    earnings.report_days: ("EA12_day", "EA12_next5"),
    earnings.corporate: ("EA13",),
    company_reports.invested: ("EA14_year", "EA14_growth"),
    releases.surprises: (
        *("MA10_cpi_mom", "MA10_cpi_yoy", "MA10_core_cpi_mom", "MA10_payrolls", "MA10_unemployment", "MA10_wages_mom"),
        *("MA10_claims", "MA10_retail_mom", "MA10_pce_mom", "MA10_core_pce_mom"),
    ),
    macro_readings.goldilocks: ("MA12",),
    fiscal.deficits: ("FI01_30d", "FI01_fytd", "FI01_fytd_change", "FI02_20d", "FI03"),
    fiscal.overhang: ("FI04", "FI04_abnormal"),
    uncertainty.monthly: tuple(uncertainty.OF_MONTHS),
    uncertainty.standing: (
        *("GU01_7d", "GU01_30d", "GU01_pct", "GU01_z", "GU01_acts_30d", "GU01_threats_30d"),
        *("GU02_7d", "GU02_30d", "GU02_pct", "GU02_z"),
    ),
    uncertainty.states: ("GU03_shock", "GU03_eased", "GU03_shock_policy", "GU03_eased_policy"),
    uncertainty.reactions: ("GU04_0", "GU04_1", "GU04_5"),
    uncertainty.made_good: ("GU06_5", "GU06_20"),
    readings.flows: (
        *("FL02_equity_5", "FL02_equity_20", "FL02_equity_60", "FL02_equity_z", "FL02_bond_5", "FL02_bond_20"),
        *("FL02_bond_60", "FL02_bond_z", "FL03_20", "FL04_equity", "FL04_equity_ratio"),
        *("FL02_category_20", "FL02_category_z", "FL04_category"),
    ),
    valuation.costs: (
        *(
            "VA01_pe",
            "VA01_ey",
            "VA01_pe_fwd",
            "VA01_ey_fwd",
            "VA02_gap",
            "VA02_gap_fwd",
            "VA02_implied",
            "VA02_spread",
        ),
        *("VA03", "VA03_fwd", "VA04_cape", "VA04_cape_pct", "VA04_ey_pct", "VA09"),
    ),
    valuation.returns: tuple(
        f"{name}{suffix}"
        for name in (
            *("VA05_earnings", "VA05_multiple", "VA05_dividend", "VA06_real_rate", "VA06_gap", "VA07_earnings"),
            *("VA07_real_rate", "VA07_gap", "VA07_dividend", "VA08_cash_flow"),
        )
        for suffix in ("_20", "_trough")
    ),
    buybacks.yields: ("FL07_gross", "FL07_net"),
    buybacks.windows: ("FL08_open",),
    dips.buying: ("FL15_payoff", "FL15_flow", "FL15_after_falls", "FL15_random_walk"),
    blocks.ats: ("FL16_ats_share", "FL16_trade_size"),
    rebalances.days: ("FL06_days", "FL06_window"),
    combined.flows: ("FL05_week", "FL05_month"),
    surveys.tone: ("VS12", "VS12_d20", "VS12_pct"),
    surveys.managers: ("VS11", "VS11_pct_52", "VS11_z_52", "VS11_pct_156", "VS11_z_156"),
    margin.debt: ("FL09_debit", "FL09_yoy", "FL09_net_credit", "FL09_less_index", "FL10_stress"),
    futures.readings: (
        *("FL11_assets_sp500", "FL11_leveraged_sp500", "FL11_assets_nasdaq100", "FL11_leveraged_nasdaq100"),
        *(
            "FL11_assets_russell2000",
            "FL11_leveraged_russell2000",
            "FL11_leveraged_sp500_z",
            "FL11_leveraged_sp500_pct",
        ),
        "FL17",
    ),
    shorts.interest: ("FL12_days_to_cover", "FL12_share_short", "FL14_covering"),
    shorts.covering: ("FL13_20", "FL13_trough", "FL13_placebo_20", "FL13_placebo_trough", "FL13_confirmed_trough"),
    cross_asset.pairs: tuple(
        name.format(coin)
        for coin in ("btc", "eth")
        for name in (
            *(
                "XA01_{}_20",
                "XA01_{}_60",
                "XA01_{}_120",
                "XA01_{}_252",
                "XA02_{}_60_low",
                "XA02_{}_60_high",
                "XA04_{}_60",
            ),
            *("XA04_{}_60_up", "XA04_{}_60_down", "XA04_{}_60_r2", "XA05_{}", "XA06_{}_60", "XA09_{}", "XA09_{}_own"),
        )
    ),
    commodities.moves: (
        *(f"CM01_{key}_{span}" for key in commodities.NAMES for span in commodities.SPANS),
        *(f"CM01_{key}_20_pct" for key in commodities.NAMES),
        *(f"CM01_{key}_{span}_usd" for key in ("wti", "brent") for span in commodities.SPANS),
        "CM02_60",
    ),
    commodities.breakeven: ("CM04_10y", "CM05"),
    commodities.pass_through: ("CM03",),
    commodities.spreads: ("LC13_20", "LC13_60", "XA14_eur_20"),
    commodities.havens: ("GU05_bond", "GU05_gold", "GU05_usd", "GU05_fx"),
    cross_asset.events: ("XA13_btc_abnormal", "XA13_btc_share", "XA13_eth_abnormal", "XA13_eth_share"),
    cross_asset.usage: ("XA11_btc_addresses", "XA11_btc_transactions", "XA11_eth_addresses", "XA11_eth_transactions"),
    cross_asset.flows: ("XA11_btc_fees", "XA11_btc_netflow", "XA11_eth_fees", "XA11_eth_netflow"),
    cross_asset.stablecoins: ("XA10_d7", "XA10_d30", "XA10_z", "XA10_depeg"),
    cross_asset.running: tuple(
        name.format(coin)
        for coin in ("btc", "eth")
        for name in ("XA03_{}", "XA07_{}", "XA08_{}_stress", "XA08_{}_calm")
    ),
    macro_readings.statistics: (
        *("MA01_cpi", "MA01_core_cpi", "MA01_pce", "MA01_core_pce", "MA02_cpi", "MA02_core_cpi", "MA02_pce"),
        *("MA02_core_pce", "MA03_cpi_3m", "MA03_cpi_6m", "MA03_core_cpi_3m", "MA03_core_cpi_6m", "MA03_core_pce_3m"),
        *("MA03_core_pce_6m", "MA04_cpi_bridge", "MA04_core_cpi_bridge", "MA05_change", "MA05_3m", "MA05_revision"),
        *("MA06_unemployment", "MA06_sahm", "MA06_sahm_interp", "MA07_yoy", "MA07_3m", "MA08_4wk", "MA08_vs_low"),
        *(
            "MA08_continued",
            "MA09_mom",
            "MA09_3m3m",
            "MA09_real",
            "MA09_gdp",
            "MA11",
            "MP10",
            "MP10_d13w",
            "MP12_sloos",
        ),
    ),
}
OF_READING = {reading_id: again for again, ids in READINGS.items() for reading_id in ids}
# What the family above says of a reading; unit, percentile and direction follow from it (scores).
VALUES = ("value", "status", "obs_period", "n_used", "n_expected", "known_at")
# Figures kept to other than six digits: half of the last one.
DIGITS: dict[str, dict[str, float]] = {
    "concentration_daily": dict.fromkeys(
        (
            "top1_weight",
            "top5_weight",
            "top7_weight",
            "top10_weight",
            "hhi",
            "top10_weight_start_20d",
            "top10_weight_start_trough",
        ),
        6e-10,
    ),
    "contribution_windows": dict.fromkeys(("index_return_pp", "explained_pp", "residual_pp"), 3e-9),
    "contributions": dict.fromkeys(("weight_start", "contribution_pp"), 6e-10),
    "theme_daily": {"contribution_pp": 6e-10},
    "cross_asset_correlation": dict.fromkeys(("correlation", "ci_low", "ci_high"), 6e-10),
    "correlation_matrix": dict.fromkeys(
        ("correlation", "ci_low", "ci_high", "r2", "beta", "beta_ci_low", "beta_ci_high", "up_beta", "down_beta"), 6e-10
    ),
    # the database's normal law is good to 2e-7, so chances are kept to four digits; q is p times a number of tests
    "misconceptions": {"p_value": 6e-5, "q_value": 6e-4},
    "precedents": {"p_value": 6e-5, "q_value": 6e-5},
    "scenario_tests": {"value": 6e-10, "distance": 6e-10},
    "snapshot": {"value": 6e-10, "chg_1w": 6e-10},
    "weekly_checklist": {"value": 6e-10, "chg_1w": 6e-10},
}
KEYS = {spec.name: list(spec.key) for spec in marts()}
PASSED: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "passed_through.yml").read_text())


@cache
def computed(again: Again, world: World) -> pl.DataFrame:
    """What a second computation says of this world."""
    return again(world)


@cache
def held(world: World, mart: str) -> pl.DataFrame:
    """A mart as it is published."""
    return world.published(mart)


@cache
def wrong_columns(world: World, mart: str) -> dict[str, str]:
    """Column (or ``rows``) → how the mart differs from its second computation."""
    return difference(held(world, mart), computed(MARTS[mart], world), KEYS[mart], DIGITS.get(mart))


@cache
def wrong_reading(world: World, reading_id: str) -> dict[str, str]:
    """Column (or ``rows``) → how the readings differ from their second computation."""
    is_meant = pl.col("reading_id") == reading_id
    given = held(world, "indicator_readings").filter(is_meant).select(*scores.KEY, *VALUES)
    # breadth and residuals are rounded to six digits before they become readings, the difference of two readings comes
    # from nine each
    is_six = reading_id.startswith("BR") or "residual" in reading_id
    digits = {"value": DIGIT if is_six else 1.6e-9 if reading_id == "FL03_20" else 6e-10}
    again = computed(OF_READING[reading_id], world).filter(is_meant).select(given.columns)
    unheld = silent.before_it_was_held(world, reading_id, again)
    again = pl.concat([again, unheld.cast(dict(again.schema))])  # type: ignore[arg-type]
    return difference(given, again, list(scores.KEY), digits)
