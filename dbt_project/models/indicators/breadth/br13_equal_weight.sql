-- BR13: equal-weighted less cap-weighted total return in percentage points. Equal weight is our own: the
-- daily-rebalanced mean of the default universe's members. Cap weight is the broad fund, its costs included.
with
    readings as (
        select
            'BR13_' || e.span as reading_id,
            e.universe_id as entity_id,
            e.session_date,
            e.session_date as obs_period,
            100 * (e.total_return - b.total_return) as value,
            case when e.status <> 'OK' then e.status else coalesce(b.status, 'WARMUP') end as status,
            e.sessions_used as n_used,
            e.span as n_expected,
            greatest(e.known_at, b.known_at) as known_at
        from {{ ref("int_equal_weight") }} as e
        left join
            {{ ref("int_fund_returns") }} as b
            on b.session_date = e.session_date
            and b.span = e.span
            and b.role = 'broad_etf'
        where e.segment_type = 'universe'
    )
    {{ readings("readings", "BR13") }}
