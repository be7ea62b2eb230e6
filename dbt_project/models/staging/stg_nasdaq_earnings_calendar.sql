-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    report_date,
    symbol,
    name,
    timing,
    eps,
    eps_forecast,
    surprise_pct,
    n_estimates,
    fiscal_end,
    last_year_eps,
    last_year_report_date,
    market_cap,
    coalesce(is_present, true) as is_present,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("nasdaq_earnings_calendar", ["report_date", "symbol"]) }})
