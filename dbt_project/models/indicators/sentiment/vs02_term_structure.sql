-- VS02: VIX3M / VIX - 1; at or below 0 the front of the curve is stressed.
with
    readings as (
        select
            'VS02_3m' as reading_id,
            'VIX' as entity_id,
            a.session_date,
            a.session_date as obs_period,
            b.close / nullif(a.close, 0) - 1 as value,
            case when b.close is null then 'NOT_PUBLISHED' else 'OK' end as status,
            1 + cast(b.close is not null as integer) as n_used,
            2 as n_expected,
            greatest(a.known_at, b.known_at) as known_at
        from {{ ref("int_volatility_closes") }} as a
        left join {{ ref("int_volatility_closes") }} as b on b.session_date = a.session_date and b.symbol = 'VIX3M'
        where a.symbol = 'VIX'
    )
    {{ readings("readings", "VS02") }}
