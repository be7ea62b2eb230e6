-- CM05: 1 when oil fell by 10 % or more (logarithm) over 60 sessions and a fall of oil goes with a fall of breakeven
-- inflation: costs ease, and prices are expected to follow.
with
    beta as (select * from {{ ref("cm04_breakeven_beta") }}),
    move as (select * from {{ ref("family_price_move") }} where reading_id = 'CM01_wti_60'),
    readings as (
        select
            'CM05' as reading_id,
            'US' as entity_id,
            m.session_date,
            least(m.obs_period, b.obs_period) as obs_period,
            cast(m.value <= -10 and b.value > 0 as integer) as value,
            case when m.status <> 'OK' then m.status else coalesce(b.status, 'WARMUP') end as status,
            cast(m.status = 'OK' as integer) + cast(coalesce(b.status, '') = 'OK' as integer) as n_used,
            2 as n_expected,
            greatest(m.known_at, b.known_at) as known_at
        from move as m
        left join beta as b on b.session_date = m.session_date
    )
    {{ readings("readings", "CM05") }}
