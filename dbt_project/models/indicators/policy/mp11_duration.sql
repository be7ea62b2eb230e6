-- MP11: by how much technology stocks out- or underperform the market (percent) when the 10-year real yield rises by a
-- basis point: slope over 120 sessions on which bonds traded, with its 95 % interval. Below 0 a falling real yield
-- helps them.
with
    ends as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            s.basket,
            s.beta,
            s.ci_low,
            s.ci_high,
            s.n_obs,
            s.known_at,
            e.session_date as obs_period,
            c.session_no - s.session_no as staleness_sessions
        from {{ ref("int_calendar") }} as c
        inner join (select distinct basket from {{ ref("int_duration_slopes") }}) as b on true
        asof inner join {{ ref("int_duration_slopes") }} as s on s.basket = b.basket and s.known_at <= c.snapshot_at
        inner join {{ ref("int_calendar") }} as e on e.session_no = s.session_no
    ),
    readings as (
        select
            'MP11_' || basket || m.suffix as reading_id,
            'US' as entity_id,
            session_date,
            obs_period,
            case m.suffix when '' then beta when '_low' then ci_low else ci_high end as value,
            case
                when staleness_sessions > 3
                then 'STALE_INPUT'
                when n_obs < 100
                then 'WARMUP'
                when beta is null
                then 'UNDEFINED'
                else 'OK'
            end as status,
            n_obs as n_used,
            120 as n_expected,
            known_at
        from ends
        cross join (values (''), ('_low'), ('_high')) as m(suffix)
    )
    {{ readings("readings", "MP11") }}
