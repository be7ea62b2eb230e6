-- Macro series as they were known at each session's snapshot.
select
    k.series_id,
    k.session_date,
    k.value,
    k.observation_date as obs_period,
    k.released_at,
    k.value_first,
    k.value_final,
    cast(k.staleness_sessions as bigint) as staleness_sessions,
    k.status,
    k.snapshot_at as known_at
from {{ ref("int_series_as_known") }} as k
-- before a series' first figure there is nothing to say about it
inner join
    (
        select series_id, min(session_date) as first_session
        from {{ ref("int_series_as_known") }}
        where released_at is not null
        group by series_id
    ) as f
    on f.series_id = k.series_id
    and k.session_date >= f.first_session
order by k.session_date, k.series_id
