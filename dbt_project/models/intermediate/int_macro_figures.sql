-- Figures of released series from the plain FRED file, each version with the moment it was public: the release date of
-- the seed (08:30 New York) where one is listed, else the lag rule. Only what was public at as_of exists.
with
    dated as (
        select
            f.series_id,
            s.release_id,
            s.frequency,
            f.observation_date as obs_period,
            f.value,
            f.version_no,
            f.known_at as seen_at,
            case
                when r.release_date is not null
                then timezone('America/New_York', cast(r.release_date as timestamp) + interval '8 hours 30 minutes')
                else f.known_at
            end as released_at
        from {{ ref("stg_fred_releases") }} as f
        inner join {{ ref("series") }} as s on s.series_id = f.series_id and s.release_id is not null
        left join
            {{ ref("release_dates") }} as r
            on r.world = '{{ var("world") }}'
            and r.release_id = s.release_id
            and r.obs_period = f.observation_date
        where f.value is not null
    ),
    known as (
        select *, case when version_no = 1 then released_at else greatest(seen_at, released_at) end as known_at
        from dated
    )
select series_id, release_id, frequency, obs_period, value, version_no, known_at
from known
where known_at <= {{ as_of() }}
order by known_at, series_id, obs_period, version_no
