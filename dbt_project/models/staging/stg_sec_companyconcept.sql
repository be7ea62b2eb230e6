-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    cik,
    concept,
    unit,
    period_start,
    period_end,
    accession,
    fiscal_year,
    fiscal_period,
    form,
    filed,
    value,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("sec_companyconcept", ["cik", "concept", "unit", "period_start", "period_end", "accession"]) }})
