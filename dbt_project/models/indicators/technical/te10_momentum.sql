-- TE10: momentum of the headline index, return over 252 sessions minus return over the last 21, in percentage points.
with
    lagged as (
        select
            *,
            lag(close_ticks, 21) over own as before_21,
            lag(close_ticks, 252) over own as before_252,
            least(row_number() over own, 253) as n,
            greatest(known_at, lag(known_at, 21) over own, lag(known_at, 252) over own) as newest_known_at
        from {{ ref("int_headline_returns") }}
        window own as (order by session_no)
    ),
    readings as (
        select
            'TE10' as reading_id,
            index_id as entity_id,
            session_date,
            session_date as obs_period,
            100.0 * close_ticks / before_252 - 100.0 * close_ticks / before_21 as value,
            case when before_252 is null then 'WARMUP' else 'OK' end as status,
            n as n_used,
            253 as n_expected,
            newest_known_at as known_at
        from lagged
    )
    {{ readings("readings", "TE10") }}
