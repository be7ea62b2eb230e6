-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select month, erp_t12m, erp_sustainable, bond_rate, sp500, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("damodaran_erp", ["month"]) }})
