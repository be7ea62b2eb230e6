-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select category, month, epu, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("epu_categories", ["category", "month"]) }})
