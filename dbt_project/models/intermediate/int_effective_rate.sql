-- The effective federal funds rate of each business day in every version, from the New York Fed, and from FRED for days
-- the New York Fed has not given (FRED's also has weekends, which repeat the day before: those are left out).
with
    nyfed as (
        select effective_date, rate, target_from, target_to, known_at, valid_until, 'nyfed' as spoken_by
        from {{ ref("stg_nyfed_effr") }}
    ),
    fred as (
        select
            f.observation_date as effective_date,
            f.value as rate,
            cast(null as double) as target_from,
            cast(null as double) as target_to,
            f.known_at,
            f.valid_until,
            'fred' as spoken_by
        from {{ ref("stg_fred_observations") }} as f
        inner join {{ ref("calendar") }} as c on c.date = f.observation_date and c.is_bond_day
        where f.series_id = 'DFF' and f.observation_date not in (select effective_date from nyfed)
    )
select *
from nyfed
union all by name
select *
from fred
order by effective_date, known_at
