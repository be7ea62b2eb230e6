-- Every version of every daily macro figure, from the vendor that speaks for it. The Treasury publishes its curve the
-- same evening, the Federal Reserve's copy at FRED comes a bond day later: so of the yields both have
-- (seeds/yield_twins.csv) the Treasury speaks, and FRED only for a day that the Treasury had not given by then.
{% set curves = {
    "treasury_par_yields": ref("stg_treasury_par_yields"),
    "treasury_real_yields": ref("stg_treasury_real_yields"),
} %}
with
    treasury as ({{ treasury_twins(curves, ref("yield_twins")) }}),
    began as (
        select series_id, observation_date, min(known_at) as known_at from treasury group by series_id, observation_date
    ),
    fred as (
        -- a figure of FRED ends where the Treasury's begins
        select
            f.series_id,
            f.observation_date,
            f.value,
            f.known_at,
            case
                when b.known_at < coalesce(f.valid_until, timestamptz '9999-12-31 00:00:00+00')
                then b.known_at
                else f.valid_until
            end as valid_until
        from {{ ref("stg_fred_observations") }} as f
        left join began as b on b.series_id = f.series_id and b.observation_date = f.observation_date
        where b.known_at is null or f.known_at < b.known_at
    ),
    spoken as (
        select *, 'fred' as spoken_by
        from fred
        union all by name
        select *, 'treasury' as spoken_by
        from treasury
    )
select
    series_id,
    observation_date,
    value,
    spoken_by,
    known_at,
    valid_until,
    row_number() over (partition by series_id, observation_date order by known_at) as version_no
from spoken
order by series_id, observation_date, known_at
