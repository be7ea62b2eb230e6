-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    cik,
    accession,
    form,
    filing_date,
    report_date,
    accepted_at,
    items,
    primary_document,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("sec_submissions", ["cik", "accession"]) }})
