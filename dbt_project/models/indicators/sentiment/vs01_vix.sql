-- VS01: level of VIX.
with
    readings as (
        select
            'VS01' as reading_id,
            symbol as entity_id,
            session_date,
            session_date as obs_period,
            close as value,
            'OK' as status,
            1 as n_used,
            1 as n_expected,
            known_at
        from {{ ref("int_volatility_closes") }}
        where symbol = 'VIX'
    )
    {{ readings("readings", "VS01") }}
