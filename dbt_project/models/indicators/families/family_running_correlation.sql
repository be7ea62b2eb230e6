-- Correlation of the headline index with the coin `against` over all sessions so far, coins at the equity close from
-- the first hourly candle on and by whole UTC days before. `measure`: decayed (XA03), stress and calm (XA08: sessions
-- on which the index closed 5 % or more below its highest close, and the others), adjusted (XA07: that in stress less
-- what the higher variance of the index alone adds to it).
with
    states as (select *, least(n_stress, n_calm) as n_both from {{ ref("int_running_correlations") }}),
    counted as (
        select
            i.reading_id,
            i.indicator_id,
            c.asset_x || '~' || c.asset_y as entity_id,
            c.session_date,
            c.session_date as obs_period,
            case
                i.measure
                when 'decayed'
                then c.decayed
                when 'stress'
                then c.stress
                when 'calm'
                then c.calm
                when 'adjusted'
                then c.adjusted
            end as value,
            case
                i.measure
                when 'decayed'
                then c.n_decayed
                when 'stress'
                then c.n_stress
                when 'calm'
                then c.n_calm
                when 'adjusted'
                then c.n_both
            end as n_used,
            case when i.measure = 'decayed' then 60 else 30 end as n_least,
            case when i.measure = 'decayed' then 'WARMUP' else 'LOW_COVERAGE' end as too_few,
            c.known_at
        from {{ ref("indicators") }} as i
        inner join states as c on c.asset_y = i.against
        where i.family = 'running_correlation'
    ),
    readings as (
        select
            *, greatest(n_used, n_least) as n_expected, case when n_used < n_least then too_few else 'OK' end as status
        from counted
    )
    {{ readings("readings") }}
