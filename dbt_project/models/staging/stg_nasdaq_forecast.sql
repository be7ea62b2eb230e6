-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    symbol,
    period_kind,
    fiscal_end,
    asked_on,
    consensus_eps,
    high_eps,
    low_eps,
    n_estimates,
    revised_up,
    revised_down,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("nasdaq_forecast", ["symbol", "period_kind", "fiscal_end", "asked_on"]) }})
