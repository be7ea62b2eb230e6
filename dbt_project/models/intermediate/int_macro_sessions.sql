-- Released series as known at each session's snapshot. The newest figure says STALE_INPUT when it came out more than
-- 45 days ago (weekly series: 10, quarterly ones: 130), because by then the next one was due, and SUSPECT_INPUT when
-- a newer publication came of which a figure was set aside at load.
with
    spine as (
        select c.session_date, c.session_no, c.snapshot_at, s.series_id
        from {{ ref("int_calendar") }} as c
        inner join {{ ref("series") }} as s on c.session_date >= s.history_from and s.release_id is not null
    ),
    known as (
        select p.session_date, p.session_no, p.snapshot_at, n.*
        from spine as p
        asof join {{ ref("int_macro_changes") }} as n on n.series_id = p.series_id and n.known_at <= p.snapshot_at
    ),
    vintages as (select distinct series_id, known_at from {{ ref("stg_alfred_vintages") }}),
    suspects as (
        -- vintages: the newest publication is not whole; plain file: a period newer than the one known
        select k.session_date, k.series_id
        from known as k
        inner join
            {{ ref("int_macro_suspects") }} as q
            on q.series_id = k.series_id
            and k.snapshot_at >= q.began_at
            and k.snapshot_at < least(coalesce(q.ended_at, q.began_at + interval 60 day), q.began_at + interval 60 day)
        where
            case
                when q.vintage_date is null
                then q.observation_date > k.newest_period
                else
                    q.began_at >= k.known_at
                    and not exists (
                        select 1
                        from vintages as v
                        where v.series_id = k.series_id and v.known_at > q.began_at and v.known_at <= k.snapshot_at
                    )
            end
        group by k.session_date, k.series_id
    )
select
    k.* exclude (newest_period),
    k.newest_period as obs_period,
    case when f.is_first_print and not coalesce(k.is_reconstructed, false) then f.first_held end as value_first,
    f.value_final,
    datediff('day', k.released_at, k.snapshot_at) as age_days,
    case
        when q.session_date is not null
        then 'SUSPECT_INPUT'
        when
            datediff('day', k.released_at, k.snapshot_at)
            > case when k.frequency like 'W%' then 10 when k.frequency = 'Q' then 130 else 45 end
        then 'STALE_INPUT'
        else 'OK'
    end as status
from known as k
left join suspects as q on q.series_id = k.series_id and q.session_date = k.session_date
left join {{ ref("int_macro_firsts") }} as f on f.series_id = k.series_id and f.obs_period = k.newest_period
order by k.session_date, k.series_id
