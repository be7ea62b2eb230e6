-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    observation_date,
    reference_start,
    field,
    target_low_bp,
    target_high_bp,
    is_degenerate,
    value,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("atlantafed_mpt", ["observation_date", "reference_start", "field"]) }})
