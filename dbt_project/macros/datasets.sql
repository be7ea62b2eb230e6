-- fmt: off
{# Generated from the source declarations: python -m ingestion.registry. Do not edit. #}
{# Dataset, its series, the day of a row, which days are expected, the rows of the staging model that are meant. #}
{% macro datasets_with_a_grid() %}{{ return([
    ("atlantafed_mpt", "'all'", "observation_date", "session", "version_no = 1 and field = 'Rate: mean'"),
    ("binance_klines", "symbol", "observed_on", "day", "true"),
    ("cboe_index_history", "symbol", "session_date", "session", "true"),
    ("cboe_put_call", "'all'", "session_date", "session", "product = 'total'"),
    ("clevelandfed_nowcast", "'all'", "vintage_date", "bond_day", "version_no = 1"),
    ("coinbase_candles", "product", "cast(timezone('UTC', start_at) as date)", "day", "granularity_s = 86400"),
    ("coinmetrics_assets", "asset", "observed_on", "day", "version_no = 1"),
    ("coinmetrics_flows", "series", "observed_on", "day", "version_no = 1"),
    ("defillama_stablecoins", "'all'", "observed_on", "day", "version_no = 1"),
    ("epu_categories", "category", "month", "month", "version_no = 1"),
    ("epu_daily", "'all'", "observed_on", "day", "version_no = 1"),
    ("fiscal_dts", "item", "observed_on", "bond_day", "version_no = 1"),
    ("gpr_daily", "'all'", "observed_on", "day", "version_no = 1"),
    ("gpr_monthly", "'all'", "month", "month", "version_no = 1"),
    ("ishares_fund_history", "product_id", "as_of_date", "session", "version_no = 1"),
    ("nyfed_effr", "'all'", "effective_date", "bond_day", "version_no = 1"),
    ("sf_news_sentiment", "'all'", "observed_on", "day", "version_no = 1"),
    ("ssga_nav_history", "ticker", "as_of_date", "session", "version_no = 1"),
    ("treasury_par_yields", "tenor", "observation_date", "bond_day", "version_no = 1"),
    ("treasury_real_yields", "tenor", "observation_date", "bond_day", "version_no = 1"),
    ("yahoo_fed_funds", "symbol", "session_date", "session", "true"),
]) }}{% endmacro %}

{# Datasets whose staging model has the newest version of each key only. #}
{% macro datasets_of_newest() %}{{ return(["binance_klines", "cboe_index_history", "cboe_put_call", "coinbase_candles", "sec_company_tickers", "sector_holdings", "yahoo_fed_funds", "yahoo_bars"]) }}{% endmacro %}
