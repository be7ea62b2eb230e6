-- What was known of each daily macro series (released statistics: int_macro_sessions) at each session's snapshot:
-- the newest observation then published, its first and its latest figure. Nothing is carried: an observation that is
-- too old says STALE_INPUT and has no value, and where a newer one came and was set aside at load, SUSPECT_INPUT:
-- the older one is no longer what is known.
with
    newest as ({{ newest_known(ref("int_daily_observations"), "series_id", "observation_date") }}),
    firsts as (
        select series_id, observation_date, value as value_first
        from {{ ref("int_daily_observations") }}
        where version_no = 1
    ),
    lasts as (
        select series_id, observation_date, value as value_final
        from {{ ref("int_daily_observations") }}
        where valid_until is null
    ),
    spine as (
        select c.session_date, c.session_no, c.snapshot_at, s.series_id, s.lag_rule
        from {{ ref("int_calendar") }} as c
        inner join {{ ref("series") }} as s on c.session_date >= s.history_from and s.release_id is null
    ),
    known as (
        select
            p.session_date,
            p.session_no,
            p.snapshot_at,
            p.series_id,
            p.lag_rule,
            n.value,
            n.observation_date,
            n.spoken_by,
            n.known_at
        from spine as p
        asof left join newest as n on n.series_id = p.series_id and n.known_at <= p.snapshot_at
    ),
    aged as (
        select k.*, k.session_no - o.session_no as staleness_sessions
        from known as k
        asof left join
            (select session_date, session_no from {{ ref("int_calendar") }}) as o
            on o.session_date <= k.observation_date
    ),
    suspects as (
        -- a month at most: by then the observation before is stale anyway
        select c.session_date, q.series_id, max(q.observation_date) as suspect_date
        from {{ ref("int_macro_suspects") }} as q
        inner join
            {{ ref("int_calendar") }} as c
            on c.snapshot_at >= q.began_at
            and c.snapshot_at < least(coalesce(q.ended_at, q.began_at + interval 30 day), q.began_at + interval 30 day)
        where q.vintage_date is null
        group by c.session_date, q.series_id
    ),
    judged as (
        select
            a.*,
            case
                when q.suspect_date > a.observation_date or (q.suspect_date is not null and a.observation_date is null)
                then 'SUSPECT_INPUT'
                when a.observation_date is null
                then 'NOT_PUBLISHED'
                when a.staleness_sessions > case when a.lag_rule like 'days_%' then 15 else 3 end
                then 'STALE_INPUT'
                else 'OK'
            end as status
        from aged as a
        left join suspects as q on q.series_id = a.series_id and q.session_date = a.session_date
    )
select
    a.series_id,
    a.session_date,
    a.session_no,
    a.snapshot_at,
    a.status,
    case when a.status = 'OK' then a.value end as value,
    a.observation_date,
    a.spoken_by,
    a.known_at as released_at,
    f.value_first,
    l.value_final,
    a.staleness_sessions
from judged as a
left join firsts as f on f.series_id = a.series_id and f.observation_date = a.observation_date
left join lasts as l on l.series_id = a.series_id and l.observation_date = a.observation_date
order by a.session_date, a.series_id
