-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select month, debit_usd, credit_cash_usd, credit_margin_usd, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("finra_margin", ["month"]) }})
