-- Move of the price of an instrument over `span` sessions: `scale` times the logarithm of the ratio of closes as
-- traded.
-- A price at or below 0 has no logarithm.
with
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            n.instrument_id as entity_id,
            n.session_date,
            n.session_date as obs_period,
            case when n.close > 0 and b.close > 0 then i.scale * ln(n.close / b.close) end as value,
            case when b.close is null then 'WARMUP' else 'OK' end as status,
            1 + cast(b.close is not null as integer) as n_used,
            2 as n_expected,
            greatest(n.known_at, b.known_at) as known_at
        from {{ ref("indicators") }} as i
        inner join {{ ref("int_prices") }} as n on n.instrument_id = i.subject
        left join
            {{ ref("int_prices") }} as b on b.instrument_id = n.instrument_id and b.session_no = n.session_no - i.span
        where i.family = 'price_move'
    )
    {{ readings("readings") }}
