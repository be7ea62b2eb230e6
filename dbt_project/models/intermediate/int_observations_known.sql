-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
-- How far each dataset reached: the newest observation and when it became known.
select 'atlantafed_mpt' as dataset, observation_date as observed, known_at, count(*) as n
from {{ ref("stg_atlantafed_mpt") }}
where observation_date is not null
group by all
union all
select 'binance_klines' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_binance_klines") }}
where observed_on is not null
group by all
union all
select 'cboe_index_history' as dataset, session_date as observed, known_at, count(*) as n
from {{ ref("stg_cboe_index_history") }}
where session_date is not null
group by all
union all
select 'cboe_put_call' as dataset, session_date as observed, known_at, count(*) as n
from {{ ref("stg_cboe_put_call") }}
where session_date is not null
group by all
union all
select 'cftc_tff' as dataset, report_date as observed, known_at, count(*) as n
from {{ ref("stg_cftc_tff") }}
where report_date is not null
group by all
union all
select 'clevelandfed_nowcast' as dataset, vintage_date as observed, known_at, count(*) as n
from {{ ref("stg_clevelandfed_nowcast") }}
where vintage_date is not null
group by all
union all
select 'coinbase_candles' as dataset, cast(timezone('UTC', start_at) as date) as observed, known_at, count(*) as n
from {{ ref("stg_coinbase_candles") }}
where cast(timezone('UTC', start_at) as date) is not null
group by all
union all
select 'coinmetrics_assets' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_coinmetrics_assets") }}
where observed_on is not null
group by all
union all
select 'coinmetrics_flows' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_coinmetrics_flows") }}
where observed_on is not null
group by all
union all
select 'damodaran_erp' as dataset, month as observed, known_at, count(*) as n
from {{ ref("stg_damodaran_erp") }}
where month is not null
group by all
union all
select 'defillama_stablecoins' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_defillama_stablecoins") }}
where observed_on is not null
group by all
union all
select 'epu_categories' as dataset, month as observed, known_at, count(*) as n
from {{ ref("stg_epu_categories") }}
where month is not null
group by all
union all
select 'epu_daily' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_epu_daily") }}
where observed_on is not null
group by all
union all
select 'fed_rss' as dataset, cast(timezone('UTC', published_at) as date) as observed, known_at, count(*) as n
from {{ ref("stg_fed_rss") }}
where cast(timezone('UTC', published_at) as date) is not null
group by all
union all
select 'finra_margin' as dataset, month as observed, known_at, count(*) as n
from {{ ref("stg_finra_margin") }}
where month is not null
group by all
union all
select 'finra_short_interest' as dataset, settlement_date as observed, known_at, count(*) as n
from {{ ref("stg_finra_short_interest") }}
where settlement_date is not null
group by all
union all
select 'fiscal_dts' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_fiscal_dts") }}
where observed_on is not null
group by all
union all
select 'fred_api_vintages' as dataset, realtime_start as observed, known_at, count(*) as n
from {{ ref("stg_fred_api_vintages") }}
where realtime_start is not null
group by all
union all
select 'fred_observations' as dataset, observation_date as observed, known_at, count(*) as n
from {{ ref("stg_fred_observations") }}
where observation_date is not null
group by all
union all
select 'gpr_daily' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_gpr_daily") }}
where observed_on is not null
group by all
union all
select 'gpr_monthly' as dataset, month as observed, known_at, count(*) as n
from {{ ref("stg_gpr_monthly") }}
where month is not null
group by all
union all
select 'ici_flows' as dataset, period_end as observed, known_at, count(*) as n
from {{ ref("stg_ici_flows") }}
where period_end is not null
group by all
union all
select 'ishares_fund_history' as dataset, as_of_date as observed, known_at, count(*) as n
from {{ ref("stg_ishares_fund_history") }}
where as_of_date is not null
group by all
union all
select 'ivv_holdings' as dataset, as_of_date as observed, known_at, count(*) as n
from {{ ref("stg_ivv_holdings") }}
where as_of_date is not null
group by all
union all
select 'kalshi_markets' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_kalshi_markets") }}
where observed_on is not null
group by all
union all
select 'naaim_exposure' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_naaim_exposure") }}
where observed_on is not null
group by all
union all
select 'nasdaq_earnings_calendar' as dataset, report_date as observed, known_at, count(*) as n
from {{ ref("stg_nasdaq_earnings_calendar") }}
where report_date is not null
group by all
union all
select 'nyfed_acm' as dataset, observation_date as observed, known_at, count(*) as n
from {{ ref("stg_nyfed_acm") }}
where observation_date is not null
group by all
union all
select 'nyfed_effr' as dataset, effective_date as observed, known_at, count(*) as n
from {{ ref("stg_nyfed_effr") }}
where effective_date is not null
group by all
union all
select 'sec_company_tickers' as dataset, listed_on as observed, known_at, count(*) as n
from {{ ref("stg_sec_company_tickers") }}
where listed_on is not null
group by all
union all
select 'sector_holdings' as dataset, as_of_date as observed, known_at, count(*) as n
from {{ ref("stg_sector_holdings") }}
where as_of_date is not null
group by all
union all
select 'sf_news_sentiment' as dataset, observed_on as observed, known_at, count(*) as n
from {{ ref("stg_sf_news_sentiment") }}
where observed_on is not null
group by all
union all
select 'shiller_ie' as dataset, month as observed, known_at, count(*) as n
from {{ ref("stg_shiller_ie") }}
where month is not null
group by all
union all
select 'sp500_constituents' as dataset, date_added as observed, known_at, count(*) as n
from {{ ref("stg_sp500_constituents") }}
where date_added is not null
group by all
union all
select 'sp500_spells' as dataset, start_date as observed, known_at, count(*) as n
from {{ ref("stg_sp500_spells") }}
where start_date is not null
group by all
union all
select 'spy_holdings' as dataset, as_of_date as observed, known_at, count(*) as n
from {{ ref("stg_spy_holdings") }}
where as_of_date is not null
group by all
union all
select 'ssga_nav_history' as dataset, as_of_date as observed, known_at, count(*) as n
from {{ ref("stg_ssga_nav_history") }}
where as_of_date is not null
group by all
union all
select 'treasury_par_yields' as dataset, observation_date as observed, known_at, count(*) as n
from {{ ref("stg_treasury_par_yields") }}
where observation_date is not null
group by all
union all
select 'treasury_real_yields' as dataset, observation_date as observed, known_at, count(*) as n
from {{ ref("stg_treasury_real_yields") }}
where observation_date is not null
group by all
union all
select 'yahoo_fed_funds' as dataset, session_date as observed, known_at, count(*) as n
from {{ ref("stg_yahoo_fed_funds") }}
where session_date is not null
group by all
union all
select 'alfred_vintages' as dataset, vintage_date as observed, known_at, count(*) as n
from {{ ref("stg_alfred_vintages") }}
where vintage_date is not null
group by all
union all
select 'alphavantage_earnings' as dataset, reported_date as observed, known_at, count(*) as n
from {{ ref("stg_alphavantage_earnings") }}
where reported_date is not null
group by all
union all
select 'nasdaq_forecast' as dataset, asked_on as observed, known_at, count(*) as n
from {{ ref("stg_nasdaq_forecast") }}
where asked_on is not null
group by all
union all
select 'sec_companyconcept' as dataset, filed as observed, known_at, count(*) as n
from {{ ref("stg_sec_companyconcept") }}
where filed is not null
group by all
union all
select 'sec_submissions' as dataset, filing_date as observed, known_at, count(*) as n
from {{ ref("stg_sec_submissions") }}
where filing_date is not null
group by all
union all
select 'yahoo_bars' as dataset, session_date as observed, known_at, count(*) as n
from {{ ref("stg_yahoo_bars") }}
where session_date is not null
group by all
union all
select 'yahoo_actions' as dataset, ex_date as observed, known_at, count(*) as n
from {{ ref("stg_yahoo_actions") }}
where ex_date is not null
group by all
order by dataset, observed, known_at
