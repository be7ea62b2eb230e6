-- When a macro series cannot be trusted: a figure came and was set aside at load, and no sound version of it is
-- known yet. While that figure would be the newest one, nothing older may stand in for it. `began_at` is when it
-- would have been public (released statistics: the release date of the seed, where one is listed), `ended_at` when a
-- sound version came.
with
    aside as (
        select
            q.dataset,
            q.series_id,
            q.observation_date,
            q.vintage_date,
            case
                when q.vintage_date is null and r.release_date is not null
                then timezone('America/New_York', cast(r.release_date as timestamp) + interval '8 hours 30 minutes')
                else q.known_at
            end as began_at
        from {{ ref("stg_set_aside") }} as q
        left join {{ ref("series") }} as s on s.series_id = q.series_id
        left join
            {{ ref("release_dates") }} as r
            on r.world = '{{ var("world") }}'
            and r.release_id = s.release_id
            and r.obs_period = q.observation_date
    ),
    sound as (
        select series_id, observation_date, cast(null as date) as vintage_date, min(known_at) as known_at
        from {{ ref("stg_fred_observations") }}
        group by series_id, observation_date
        union all
        select series_id, observation_date, vintage_date, min(known_at)
        from {{ ref("stg_alfred_vintages") }}
        group by series_id, observation_date, vintage_date
    )
select a.dataset, a.series_id, a.observation_date, a.vintage_date, a.began_at, f.known_at as ended_at
from aside as a
left join
    sound as f
    on f.series_id = a.series_id
    and f.observation_date = a.observation_date
    and f.vintage_date is not distinct from a.vintage_date
where f.known_at is null or f.known_at > a.began_at
order by a.began_at, a.series_id, a.observation_date, a.vintage_date
