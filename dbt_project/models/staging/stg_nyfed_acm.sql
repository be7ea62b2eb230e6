-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    observation_date,
    maturity_years,
    fitted_yield,
    term_premium,
    risk_neutral_yield,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("nyfed_acm", ["observation_date", "maturity_years"]) }})
