-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    fund,
    as_of_date,
    ticker,
    name,
    cusip,
    sedol,
    weight,
    shares_held,
    currency,
    is_equity,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("spy_holdings", ["fund", "as_of_date", "cusip"]) }})
