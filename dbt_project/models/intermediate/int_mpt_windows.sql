-- The Atlanta Fed's tracker as known at each session: the newest day of its file, window by window. Not older than
-- three sessions: then the tracker says nothing. Its rates are basis points and its chances percent in the file.
with
    days as (
        select observation_date, min(known_at) as known_at, 1 as version_no
        from {{ ref("stg_atlantafed_mpt") }}
        group by observation_date
    ),
    newest as ({{ newest_known("days", "1", "observation_date") }}),
    known as (
        select c.session_no, c.snapshot_at, n.observation_date, c.session_no - o.session_no as staleness
        from {{ ref("int_calendar") }} as c
        asof inner join newest as n on n.known_at <= c.snapshot_at
        asof inner join
            (select session_date, session_no from {{ ref("int_calendar") }}) as o
            on o.session_date <= n.observation_date
    )
select
    k.session_no,
    k.observation_date,
    m.reference_start,
    max(m.value) filter (where m.field = 'Prob: cut') / 100 as p_cut,
    max(m.value) filter (where m.field = 'Prob: hike') / 100 as p_hike,
    max(m.value) filter (where m.field = 'Rate: mean') / 100 as rate_mean
from known as k
inner join
    {{ ref("stg_atlantafed_mpt") }} as m
    on m.observation_date = k.observation_date
    and {{ known_at_moment("m", "k.snapshot_at") }}
where k.staleness <= 3
group by k.session_no, k.observation_date, m.reference_start
order by k.session_no, m.reference_start
