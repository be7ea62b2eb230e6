-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    settlement_date,
    symbol,
    name,
    market_class,
    short_interest,
    previous_short_interest,
    average_daily_volume,
    days_to_cover,
    change_pct,
    is_revised,
    is_split,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("finra_short_interest", ["symbol", "settlement_date"]) }})
