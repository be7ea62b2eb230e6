-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    product_id,
    as_of_date,
    nav,
    ex_dividend,
    shares_outstanding,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("ishares_fund_history", ["product_id", "as_of_date"]) }})
