-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    observed_on,
    exposure,
    most_bearish,
    median,
    most_bullish,
    deviation,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("naaim_exposure", ["observed_on"]) }})
