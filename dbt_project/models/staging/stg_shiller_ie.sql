-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select month, price, dividend, earnings, cpi, gs10, cape, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("shiller_ie", ["month"]) }})
