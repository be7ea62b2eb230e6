-- One measure of the headline index (the first of seeds/correlation_assets.csv) beside the asset `against`, over a
-- window of `span` sessions in the canonical alignment: with crypto the equity close where hourly candles reach, whole
-- UTC days before. `beta` is the slope of the asset on the index.
with
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            c.asset_x || '~' || c.asset_y as entity_id,
            c.session_date,
            c.window_end as obs_period,
            case i.measure when 'correlation' then c.correlation when 'beta' then c.beta_of_y end as value,
            c.status,
            c.n_obs as n_used,
            c.window_sessions as n_expected,
            c.known_at
        from {{ ref("indicators") }} as i
        inner join {{ ref("correlation_assets") }} as x on x.world = '{{ var("world") }}' and x.sort_order = 1
        inner join
            {{ ref("int_correlations") }} as c
            on c.asset_x = x.asset_id
            and c.asset_y = i.against
            and c.window_sessions = i.span
            and c.is_default
        where i.family = 'pair_statistic'
    )
    {{ readings("readings") }}
