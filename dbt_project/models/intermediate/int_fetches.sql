-- The last word on each series asked for, per session: a question belongs to the last session whose snapshot had
-- passed.
select f.dataset, f.series, f.outcome, c.session_date, f.fetched_at, f.landing_sha256
from {{ ref("stg_fetch_log") }} as f
asof join {{ ref("int_calendar") }} as c on f.fetched_at >= c.snapshot_at
qualify
    row_number() over (
        partition by f.dataset, f.series, c.session_date
        order by f.fetched_at desc, f.outcome = 'data' desc, f.landing_sha256 desc
    )
    = 1
order by c.session_date, f.dataset, f.series
