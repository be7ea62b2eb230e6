-- From when on which source speaks for a series, decided by nothing later than that moment. A vintage speaks at once.
-- The plain file speaks when it has a new period that no vintage told before (its lag rule may date it later than it
-- came out), and no vintage has followed that publication within four days (at once where no vintage was seen in the
-- last 100 days). So a change is never taken across two sources.
with
    vintages as (select distinct series_id, known_at from {{ ref("stg_alfred_vintages") }} where version_no = 1),
    told as (
        select series_id, observation_date, min(known_at) as known_at
        from {{ ref("stg_alfred_vintages") }}
        where version_no = 1
        group by series_id, observation_date
    ),
    figures as (
        select series_id, obs_period, known_at, known_at + interval 4 day as waited_until
        from {{ ref("int_macro_figures") }}
        where version_no = 1
    ),
    beside as (
        select f.*, before.known_at as vintage_before, after.known_at as vintage_after, told.known_at as told_at
        from figures as f
        asof left join vintages as before on before.series_id = f.series_id and before.known_at <= f.known_at
        asof left join vintages as after on after.series_id = f.series_id and after.known_at <= f.waited_until
        left join told on told.series_id = f.series_id and told.observation_date = f.obs_period
    ),
    events as (
        select series_id, known_at, 'vintage' as vintage_source
        from vintages
        union all
        select
            series_id,
            case
                when vintage_before is null or vintage_before < known_at - interval 100 day
                then known_at
                else waited_until
            end,
            'lag_rule'
        from beside
        where
            (vintage_after is null or vintage_after < known_at - interval 12 hour)
            and (told_at is null or told_at > known_at)
    ),
    known as (
        select series_id, known_at, max(vintage_source) as vintage_source
        from events
        where known_at <= {{ as_of() }}
        group by series_id, known_at
    )
select series_id, known_at, vintage_source
from known
qualify vintage_source is distinct from lag(vintage_source) over (partition by series_id order by known_at)
order by known_at, series_id
