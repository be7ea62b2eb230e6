-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select observed_on, circulating_usd, circulating_coins, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("defillama_stablecoins", ["observed_on"]) }})
