-- TE09: technical breakdown of the headline index (bearish): it closes below its 200-session average or below the
-- lowest low of 20 sessions, the VIX has risen by a fifth or more in five sessions, and the share of members above
-- their 50-day average has fallen by 15 points or more in twenty. 1 when so, else 0. One part that is not so settles
-- it; a value is missing only where a part that is not known could decide.
with
    vix as (
        select n.session_no, n.known_at, round(n.close / b.close - 1, 12) >= 0.2 as has_jumped
        from {{ ref("int_volatility_closes") }} as n
        inner join {{ ref("int_volatility_closes") }} as b on b.symbol = n.symbol and b.session_no = n.session_no - 5
        where n.symbol = 'VIX'
    ),
    shares as (
        select c.session_no, b.pct_above_sma50, b.status_sma, b.known_at
        from {{ ref("int_breadth") }} as b
        inner join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
        where b.is_default and b.segment_type = 'universe'
    ),
    breadth as (
        select
            n.session_no,
            n.known_at,
            n.status_sma,
            round(n.pct_above_sma50 - b.pct_above_sma50, 9) <= -15 as has_narrowed
        from shares as n
        left join shares as b on b.session_no = n.session_no - 20
    ),
    parts as (
        select
            t.index_id,
            t.session_date,
            t.is_below_200 = 1 or t.breakout_20 = -1 as is_low,
            v.has_jumped,
            b.has_narrowed,
            b.status_sma,
            greatest(t.known_at, v.known_at, b.known_at) as known_at
        from {{ ref("int_technicals") }} as t
        left join vix as v on v.session_no = t.session_no
        left join breadth as b on b.session_no = t.session_no
    ),
    readings as (
        select
            'TE09' as reading_id,
            index_id as entity_id,
            session_date,
            session_date as obs_period,
            cast(is_low and has_jumped and has_narrowed as integer) as value,
            case
                when (is_low and has_jumped and has_narrowed) is not null
                then 'OK'
                when is_low is null
                then 'WARMUP'
                when has_jumped is null
                then 'NOT_PUBLISHED'
                when status_sma <> 'OK'
                then status_sma
                else 'WARMUP'
            end as status,
            (is_low is not null)::integer
            + (has_jumped is not null)::integer
            + (has_narrowed is not null)::integer as n_used,
            3 as n_expected,
            known_at
        from parts
    )
    {{ readings("readings", "TE09") }}
