-- MA08: initial claims: mean of four weeks, and its ratio to the lowest such mean of the last 26 weeks, all as one
-- release said. Weeks that were not published make the means that need them missing.
with
    means as (
        select known_at, newest_period, obs_period, sum(value) over four / 4 as mean_4, count(*) over four as weeks
        from {{ ref("int_macro_panel") }}
        where series_id = 'ICSA' and obs_period > newest_period - interval 203 day
        window
            four as (partition by known_at order by obs_period range between interval 21 day preceding and current row)
    ),
    measured as (
        select
            known_at,
            newest_period,
            max(mean_4) filter (where obs_period = newest_period and weeks = 4) as mean_now,
            min(mean_4) filter (where weeks = 4 and obs_period > newest_period - interval 182 day) as lowest,
            count(*) filter (where weeks = 4 and obs_period > newest_period - interval 182 day) as means_held,
            count(*) as weeks_held
        from means
        group by known_at, newest_period
    ),
    started as (select min(obs_period) as first_period from {{ ref("int_macro_vintages") }} where series_id = 'ICSA'),
    known as (
        select
            k.session_date,
            k.obs_period,
            k.status,
            k.known_at,
            k.is_reconstructed,
            m.* exclude (known_at),
            s.first_period
        from {{ ref("int_macro_sessions") }} as k
        inner join measured as m on m.known_at = k.known_at
        cross join started as s
        where k.series_id = 'ICSA'
    ),
    readings as (
        select
            'MA08_4wk' as reading_id,
            'US' as entity_id,
            session_date,
            obs_period,
            mean_now as value,
            case
                when status <> 'OK'
                then status
                when mean_now is not null
                then 'OK'
                when newest_period - interval 21 day < first_period
                then 'WARMUP'
                else 'NOT_PUBLISHED'
            end as status,
            least(weeks_held, 4) as n_used,
            4 as n_expected,
            known_at,
            is_reconstructed
        from known
        union all
        select
            'MA08_vs_low',
            'US',
            session_date,
            obs_period,
            mean_now / nullif(lowest, 0),
            case
                when status <> 'OK'
                then status
                when mean_now is not null and means_held = 26
                then 'OK'
                when newest_period - interval 196 day < first_period
                then 'WARMUP'
                else 'NOT_PUBLISHED'
            end,
            means_held,
            26,
            known_at,
            is_reconstructed
        from known
    )
    {{ readings("readings", "MA08", reconstructed="is_reconstructed") }}
