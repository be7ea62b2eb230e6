-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    symbol,
    start_date,
    end_date,
    unread,
    coalesce(is_present, true) as is_present,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("sp500_spells", ["symbol", "start_date"]) }})
