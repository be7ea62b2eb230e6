-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select asset, observed_on, active_addresses, transactions, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("coinmetrics_assets", ["asset", "observed_on"]) }})
