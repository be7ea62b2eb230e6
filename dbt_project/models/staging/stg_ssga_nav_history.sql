-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    ticker,
    as_of_date,
    nav,
    shares_outstanding,
    total_net_assets,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("ssga_nav_history", ["ticker", "as_of_date"]) }})
