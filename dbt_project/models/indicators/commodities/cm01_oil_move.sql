-- CM01: move of the front WTI future over 20 sessions, 100 x log of the ratio. A price at or below 0 has no logarithm.
with
    oil as (
        select p.instrument_id, p.session_date, p.session_no, p.close, p.known_at
        from {{ ref("int_prices") }} as p
        where p.instrument_id = 'FU:CL'
    ),
    readings as (
        select
            'CM01_wti_20' as reading_id,
            n.instrument_id as entity_id,
            n.session_date,
            n.session_date as obs_period,
            case when n.close > 0 and b.close > 0 then 100 * ln(n.close / b.close) end as value,
            case when b.close is null then 'WARMUP' else 'OK' end as status,
            1 + cast(b.close is not null as integer) as n_used,
            2 as n_expected,
            greatest(n.known_at, b.known_at) as known_at
        from oil as n
        left join oil as b on b.session_no = n.session_no - 20
    )
    {{ readings("readings", "CM01") }}
