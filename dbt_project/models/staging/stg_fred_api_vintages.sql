-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select series_id, observation_date, realtime_start, value, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("fred_api_vintages", ["series_id", "observation_date", "realtime_start"]) }})
