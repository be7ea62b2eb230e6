-- The last word on each series asked for, per session: a question belongs to the last session whose snapshot had
-- passed by the calendar, so a question asked after as_of belongs to no session of the build.
select f.dataset, f.series, f.outcome, c.session_date, f.fetched_at, f.landing_sha256
from {{ ref("stg_fetch_log") }} as f
asof join (select date, snapshot_at from {{ ref("calendar") }} where is_session) as p on f.fetched_at >= p.snapshot_at
inner join {{ ref("int_calendar") }} as c on c.session_date = p.date
qualify
    row_number() over (
        partition by f.dataset, f.series, c.session_date
        order by f.fetched_at desc, f.outcome = 'data' desc, f.landing_sha256 desc
    )
    = 1
order by c.session_date, f.dataset, f.series
