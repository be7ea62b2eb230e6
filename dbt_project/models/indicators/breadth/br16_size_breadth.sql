-- BR16: breadth over sizes. Sizes are our own: thirds of the default universe by the turnover of the quarter
-- before. Total return of each over 20 sessions (members equally weighted), how many of the three are positive,
-- that of the smallest less that of the largest, and the share of each above its 50-day average.
with
    universe as (
        select universe_id, session_date, status_counts, known_at
        from {{ ref("int_breadth") }}
        where is_default and segment_type = 'universe'
    ),
    sizes as (
        select
            u.universe_id,
            z.segment_id,
            u.session_date,
            e.total_return,
            e.sessions_used,
            b.pct_above_sma50,
            b.n_with_sma,
            b.members,
            -- before the first quarter has ranked them there are no sizes
            coalesce(
                e.status, case when u.status_counts = 'NOT_AVAILABLE' then 'NOT_AVAILABLE' else 'WARMUP' end
            ) as status_return,
            coalesce(
                b.status_sma, case when u.status_counts = 'NOT_AVAILABLE' then 'NOT_AVAILABLE' else 'WARMUP' end
            ) as status_sma,
            coalesce(e.known_at, u.known_at) as known_at,
            coalesce(b.known_at, u.known_at) as known_at_sma
        from universe as u
        cross join (values ('size_large'), ('size_mid'), ('size_small')) as z(segment_id)
        left join
            {{ ref("int_equal_weight") }} as e
            on e.universe_id = u.universe_id
            and e.session_date = u.session_date
            and e.segment_type = 'size'
            and e.segment_id = z.segment_id
            and e.span = 20
        left join
            {{ ref("int_breadth") }} as b
            on b.universe_id = u.universe_id
            and b.session_date = u.session_date
            and b.segment_type = 'size'
            and b.segment_id = z.segment_id
    ),
    together as (
        select
            universe_id,
            session_date,
            count(*) filter (where status_return = 'OK') as sizes_used,
            count(*) filter (where status_return = 'OK' and total_return > 0) as positive,
            max(total_return) filter (where segment_id = 'size_small')
            - max(total_return) filter (where segment_id = 'size_large') as spread,
            -- the reason of the smallest size that has none
            coalesce(max_by(status_return, segment_id) filter (where status_return <> 'OK'), 'OK') as status,
            max(known_at) as known_at
        from sizes
        group by universe_id, session_date
    ),
    readings as (
        select
            'BR16_20' as reading_id,
            segment_id as entity_id,
            session_date,
            session_date as obs_period,
            100 * total_return as value,
            status_return as status,
            coalesce(sessions_used, 0) as n_used,
            20 as n_expected,
            known_at
        from sizes
        union all
        select
            'BR16_50',
            segment_id,
            session_date,
            session_date,
            pct_above_sma50,
            status_sma,
            coalesce(n_with_sma, 0),
            coalesce(members, 0),
            known_at_sma
        from sizes
        union all
        select 'BR16_positive_20', universe_id, session_date, session_date, positive, status, sizes_used, 3, known_at
        from together
        union all
        select 'BR16_spread_20', universe_id, session_date, session_date, 100 * spread, status, sizes_used, 3, known_at
        from together
    )
    {{ readings("readings", "BR16") }}
