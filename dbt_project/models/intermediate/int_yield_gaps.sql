-- How far the Treasury's own yields and FRED's copies of them are apart, for the newest day that both had published by
-- each session's snapshot: the largest difference among the yields both have (seeds/yield_twins.csv), points.
{% set curves = {
    "treasury_par_yields": ref("stg_treasury_par_yields"),
    "treasury_real_yields": ref("stg_treasury_real_yields"),
} %}
with
    treasury as ({{ treasury_twins(curves, ref("yield_twins")) }}),
    pairs as (
        select
            t.observation_date,
            abs(t.value - f.value) as gap,
            greatest(t.known_at, f.known_at) as known_at,
            least(
                coalesce(t.valid_until, timestamptz '9999-12-31 00:00:00+00'),
                coalesce(f.valid_until, timestamptz '9999-12-31 00:00:00+00')
            ) as valid_until
        from treasury as t
        inner join
            {{ ref("stg_fred_observations") }} as f
            on f.series_id = t.series_id
            and f.observation_date = t.observation_date
    ),
    days as (select observation_date, min(known_at) as known_at, 1 as version_no from pairs group by observation_date),
    newest as ({{ newest_known("days", "1", "observation_date") }}),
    known as (
        select c.session_no, c.snapshot_at, n.observation_date
        from {{ ref("int_calendar") }} as c
        asof inner join newest as n on n.known_at <= c.snapshot_at
    )
select k.session_no, k.observation_date, round(max(p.gap), 6) as gap, count(*) as compared
from known as k
inner join pairs as p on p.observation_date = k.observation_date and {{ known_at_moment("p", "k.snapshot_at") }}
group by k.session_no, k.observation_date
order by k.session_no
