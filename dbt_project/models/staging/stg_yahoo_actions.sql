-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    symbol,
    ex_date,
    action,
    value,
    doubt,
    coalesce(is_present, true) as is_present,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("yahoo_actions", ["symbol", "ex_date", "action"]) }})
