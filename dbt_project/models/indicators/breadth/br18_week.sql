-- BR18: members with a positive total return over five sessions, on the last session of an ISO week. Other
-- sessions have no row: the figure of a week is not that of the days after it.
with
    readings as (
        select
            'BR18' as reading_id,
            b.universe_id as entity_id,
            b.session_date,
            b.session_date as obs_period,
            100.0 * r.gained_in_week / r.with_week as value,
            case
                when b.status_counts = 'NOT_AVAILABLE'
                then 'NOT_AVAILABLE'
                when b.sessions_held < 6
                then 'WARMUP'
                when coalesce(r.with_week, 0) < u.coverage_floor * b.members
                then 'LOW_COVERAGE'
                else 'OK'
            end as status,
            coalesce(r.with_week, 0) as n_used,
            b.members as n_expected,
            b.known_at
        from
            (
                select *, row_number() over (partition by universe_id order by session_date) as sessions_held
                from {{ ref("int_breadth") }}
                where is_default and segment_type = 'universe'
            ) as b
        inner join {{ ref("int_weeks") }} as w on w.week_end = b.session_date and w.ended_as_scheduled
        inner join {{ ref("universes") }} as u on u.universe_id = b.universe_id and u.world = '{{ var("world") }}'
        left join
            {{ ref("int_member_returns") }} as r
            on r.universe_id = b.universe_id
            and r.session_date = b.session_date
            and r.segment_type = 'universe'
    )
    {{ readings("readings", "BR18") }}
