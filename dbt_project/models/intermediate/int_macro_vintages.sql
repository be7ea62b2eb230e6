-- Successive different values of each period, per source: 'vintage' (the vintage that first showed the value) and
-- 'lag_rule' (the plain FRED file, dated by release date or lag rule). Which of the two counts: int_macro_modes.
with
    vintages as (
        select series_id, observation_date as obs_period, value, known_at, 'vintage' as vintage_source
        from {{ ref("stg_alfred_vintages") }}
        where version_no = 1
        qualify
            value
            is distinct from lag(value) over (partition by series_id, observation_date order by known_at, vintage_date)
    ),
    figures as (
        select series_id, obs_period, value, known_at, 'lag_rule' as vintage_source
        from {{ ref("int_macro_figures") }}
        qualify
            value is distinct from lag(value) over (partition by series_id, obs_period order by known_at, version_no)
    )
select *
from vintages
union all by name
select *
from figures
order by known_at, series_id, obs_period, vintage_source
