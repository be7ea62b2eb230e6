-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select observation_date, tenor, value, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("treasury_real_yields", ["observation_date", "tenor"]) }})
