-- The effective federal funds rate of each business day in every version, from the New York Fed, and from FRED until
-- the New York Fed has the day (FRED's also has weekends, which repeat the day before: those are left out).
with
    nyfed as (
        select effective_date, rate, target_from, target_to, known_at, valid_until, 'nyfed' as spoken_by
        from {{ ref("stg_nyfed_effr") }}
    ),
    began as (select effective_date, min(known_at) as known_at from nyfed group by effective_date),
    fred as (
        select
            f.observation_date as effective_date,
            f.value as rate,
            cast(null as double) as target_from,
            cast(null as double) as target_to,
            f.known_at,
            least(f.valid_until, b.known_at) as valid_until,
            'fred' as spoken_by
        from {{ ref("stg_fred_observations") }} as f
        inner join {{ ref("calendar") }} as c on c.date = f.observation_date and c.is_bond_day
        left join began as b on b.effective_date = f.observation_date
        where f.series_id = 'DFF' and (b.known_at is null or f.known_at < b.known_at)
    )
select *
from nyfed
union all by name
select *
from fred
order by effective_date, known_at
