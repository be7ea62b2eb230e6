-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select target_month, measure, vintage_date, value, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("clevelandfed_nowcast", ["target_month", "measure", "vintage_date"]) }})
