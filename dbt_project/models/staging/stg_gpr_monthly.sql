-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select month, gpr, gpr_acts, gpr_threats, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("gpr_monthly", ["month"]) }})
