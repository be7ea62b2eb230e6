-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    symbol,
    fiscal_end,
    reported_date,
    reported_eps,
    estimated_eps,
    surprise,
    surprise_pct,
    report_time,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("alphavantage_earnings", ["symbol", "fiscal_end"]) }})
