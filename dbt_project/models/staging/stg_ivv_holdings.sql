-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    fund,
    as_of_date,
    ticker,
    name,
    sector,
    asset_class,
    market_value,
    weight,
    shares_held,
    price,
    exchange,
    currency,
    is_equity,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("ivv_holdings", ["fund", "as_of_date", "ticker", "name"]) }})
