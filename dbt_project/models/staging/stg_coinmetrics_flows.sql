-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select series, observed_on, coins, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("coinmetrics_flows", ["series", "observed_on"]) }})
