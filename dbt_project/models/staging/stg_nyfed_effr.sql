-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    effective_date,
    rate,
    target_from,
    target_to,
    p1,
    p25,
    p75,
    p99,
    volume_busd,
    revision,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("nyfed_effr", ["effective_date"]) }})
