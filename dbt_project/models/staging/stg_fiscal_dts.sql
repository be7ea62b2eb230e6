-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select item, observed_on, amount_usd, lines_usd, lines, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("fiscal_dts", ["item", "observed_on"]) }})
