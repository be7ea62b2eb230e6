-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    contract_code,
    report_date,
    open_interest,
    dealer_long,
    dealer_short,
    asset_manager_long,
    asset_manager_short,
    leveraged_long,
    leveraged_short,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("cftc_tff", ["contract_code", "report_date"]) }})
