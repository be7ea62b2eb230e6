-- Released series as known at each session's snapshot. The newest figure says STALE_INPUT when it came out more than 45
-- days ago (weekly series: 10), because by then the next one was due.
with
    surprises as (
        -- the measure a release is judged by against the previous one as it stood just before (no consensus is held)
        select series_id, newest_period, known_at, headline - headline_before as surprise
        from
            (
                select *, lag(headline) over own as headline_before, lag(newest_period) over own as period_before
                from {{ ref("int_macro_changes") }}
                window own as (partition by series_id order by known_at)
            )
        where newest_period > period_before
        qualify row_number() over (partition by series_id, newest_period order by known_at) = 1
    ),
    firsts as (
        select series_id, obs_period, arg_min(value, known_at) as value_first, arg_max(value, known_at) as value_final
        from {{ ref("int_macro_panel") }}
        group by series_id, obs_period
    ),
    spine as (
        select c.session_date, c.session_no, c.snapshot_at, s.series_id
        from {{ ref("int_calendar") }} as c
        inner join {{ ref("series") }} as s on c.session_date >= s.history_from and s.release_id is not null
    ),
    known as (
        select p.session_date, p.session_no, p.snapshot_at, n.*
        from spine as p
        asof join {{ ref("int_macro_changes") }} as n on n.series_id = p.series_id and n.known_at <= p.snapshot_at
    )
select
    k.* exclude (newest_period),
    k.newest_period as obs_period,
    f.value_first,
    f.value_final,
    u.surprise,
    datediff('day', k.released_at, k.snapshot_at) as age_days,
    case
        when datediff('day', k.released_at, k.snapshot_at) > case when k.frequency = 'W' then 10 else 45 end
        then 'STALE_INPUT'
        else 'OK'
    end as status
from known as k
left join firsts as f on f.series_id = k.series_id and f.obs_period = k.newest_period
left join
    surprises as u on u.series_id = k.series_id and u.newest_period = k.newest_period and u.known_at <= k.snapshot_at
order by k.session_date, k.series_id
