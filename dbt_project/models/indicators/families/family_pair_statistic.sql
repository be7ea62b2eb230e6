-- One measure of the headline index (the first of seeds/correlation_assets.csv) beside the asset `against`, over a
-- window of `span` sessions in the canonical alignment: with crypto the equity close where hourly candles reach, whole
-- UTC days before. Slopes are of the asset on the index.
-- `change`: whether the correlation differs from that of the window before, which ends where this one begins and is
-- aligned alike (XA06): the difference of Fisher's z over its standard error. `regime` is -1 NEG, 0 NONE, 1 MOD, 2
-- HIGH (XA05). `amplifies` (XA09): 1 where the slope and the lower end of its interval lie above 1.
{% set values = {
    "correlation": "c.correlation",
    "low": "c.ci_low",
    "high": "c.ci_high",
    "r2": "c.r2",
    "own_share": "1 - c.r2",
    "beta": "c.beta_of_y",
    "up_beta": "c.up_beta_of_y",
    "down_beta": "c.down_beta_of_y",
    "amplifies": "case when c.beta_ci_low_of_y is not null then cast(c.beta_ci_low_of_y > 1 as integer) end",
    "change": "(c.fisher_z - c.z_before) / sqrt(1 / greatest(c.n_obs - 3, 1) + 1 / greatest(c.n_before - 3, 1))",
    "regime": "list_position(['NEG', 'NONE', 'MOD', 'HIGH'], g.regime) - 2",
} %}
with
    headline as (
        select c.*
        from {{ ref("int_correlations") }} as c
        inner join
            {{ ref("correlation_assets") }} as x
            on x.world = '{{ var("world") }}'
            and x.sort_order = 1
            and x.asset_id = c.asset_x
        where c.asset_y in (select against from {{ ref("indicators") }} where family = 'pair_statistic')
    ),
    windows as (
        select
            *,
            lag(status, window_sessions) over own as status_before,
            lag(n_obs, window_sessions) over own as n_before,
            lag(fisher_z, window_sessions) over own as z_before
        from headline
        window own as (partition by asset_y, alignment, lag_sessions, window_sessions order by session_date)
    ),
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            c.asset_x || '~' || c.asset_y as entity_id,
            c.session_date,
            c.window_end as obs_period,
            case
                i.measure {% for measure, value in values.items() %} when '{{ measure }}' then {{ value }} {% endfor %}
            end as value,
            case
                i.measure
                when 'up_beta'
                then c.status_up_of_y
                when 'down_beta'
                then c.status_down_of_y
                when 'change'
                then case when c.status <> 'OK' then c.status else coalesce(c.status_before, 'WARMUP') end
                else c.status
            end as status,
            case when i.measure = 'regime' then g.regime end as word,
            case
                i.measure
                when 'up_beta'
                then c.n_up_of_y
                when 'down_beta'
                then c.n_down_of_y
                when 'change'
                then c.n_obs + coalesce(c.n_before, 0)
                else c.n_obs
            end as n_used,
            case when i.measure = 'change' then 2 * c.window_sessions else c.window_sessions end as n_expected,
            c.known_at
        from {{ ref("indicators") }} as i
        inner join windows as c on c.asset_y = i.against and c.window_sessions = i.span and c.is_default
        left join
            {{ ref("int_correlation_regimes") }} as g
            on g.asset_x = c.asset_x
            and g.asset_y = c.asset_y
            and g.alignment = c.alignment
            and g.lag_sessions = c.lag_sessions
            and g.session_date = c.session_date
        where i.family = 'pair_statistic'
    )
    {{ readings("readings", text="word") }}
