-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    period_kind,
    period_end,
    total_usd,
    equity_usd,
    equity_domestic_usd,
    equity_world_usd,
    hybrid_usd,
    bond_usd,
    bond_taxable_usd,
    bond_municipal_usd,
    commodity_usd,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("ici_flows", ["period_kind", "period_end"]) }})
