-- The target range as known at each session's snapshot: what was announced that afternoon
-- (seeds/policy_meetings.csv), or
-- what FRED says of the newest day. FRED dates a change by the day after, so on the day of a decision only the
-- announcement knows it.
with
    fred as (
        select
            u.session_date,
            u.session_no,
            u.snapshot_at,
            u.value as upper,
            l.value as lower,
            u.observation_date,
            u.status
        from {{ ref("int_series_as_known") }} as u
        inner join {{ ref("int_series_as_known") }} as l on l.session_no = u.session_no and l.series_id = 'DFEDTARL'
        where u.series_id = 'DFEDTARU'
    ),
    decided as (
        select meeting_date, decided_at, target_upper_after
        from {{ ref("int_policy_meetings") }}
        where target_upper_after is not null
    ),
    joined as (
        select
            f.*,
            d.meeting_date,
            -- a range of a quarter point since December 2008, whoever announces it
            coalesce(d.meeting_date >= f.observation_date, false) as is_announced,
            case when is_announced then d.target_upper_after else f.upper end as target_upper,
            case when is_announced then d.target_upper_after - 0.25 else f.lower end as target_lower
        from fred as f
        asof left join decided as d on d.decided_at <= f.snapshot_at
    ),
    moves as (select *, target_upper - lag(target_upper ignore nulls) over (order by session_no) as change from joined)
select
    session_date,
    session_no,
    snapshot_at,
    target_lower,
    target_upper,
    case when is_announced then 'announcement' else 'fred' end as spoken_by,
    case when is_announced then 'OK' else status end as status,
    last_value(case when change <> 0 then session_date end ignore nulls) over so_far as moved_on,
    last_value(case when change <> 0 then sign(change) end ignore nulls) over so_far as moved_by
from moves
window so_far as (order by session_no rows between unbounded preceding and current row)
order by session_no
