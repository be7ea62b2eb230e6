select
    dataset,
    series,
    outcome,
    required,
    first as first_covered,
    last as last_covered,
    fetched_at,
    sha256 as landing_sha256
from {{ source("bookkeeping", "fetch_log") }}
