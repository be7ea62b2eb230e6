-- RD01: drawdown of the headline index from its highest close so far, in percent.
with
    readings as (
        select
            'RD01' as reading_id,
            index_id as entity_id,
            session_date,
            session_date as obs_period,
            100.0 * (close_ticks - max(close_ticks) over past) / max(close_ticks) over past as value,
            'OK' as status,
            1 as n_used,
            1 as n_expected,
            max(known_at) over past as known_at
        from {{ ref("int_headline_returns") }}
        window past as (order by session_no rows unbounded preceding)
    )
    {{ readings("readings", "RD01") }}
