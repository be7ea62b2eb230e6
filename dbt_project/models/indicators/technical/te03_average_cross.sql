-- TE03: 50-day average of the headline index relative to its 200-day average, in percent; the session on which the sign
-- turned (1 golden, -1 death), and how many sessions ago it last did.
with
    averages as (
        select
            *,
            sum(close_ticks) over (order by session_no rows between 49 preceding and current row) as sum_50,
            sum(close_ticks) over (order by session_no rows between 199 preceding and current row) as sum_200,
            count(*) over (order by session_no rows between 199 preceding and current row) as n,
            max(known_at) over (order by session_no rows between 199 preceding and current row) as newest_known_at
        from {{ ref("int_headline_returns") }}
    ),
    readings as (
        select
            'TE03' as reading_id,
            index_id as entity_id,
            session_date,
            session_date as obs_period,
            100.0 * (4 * cast(sum_50 as double) / cast(sum_200 as double) - 1) as value,
            case when n < 200 then 'WARMUP' else 'OK' end as status,
            n as n_used,
            200 as n_expected,
            newest_known_at as known_at
        from averages
        {% for name, value, used, expected in [
            ("cross", "turned", "least(bar_no, 201)", "201"),
            ("since", "since_turned", "cast(since_turned is not null as integer)", "1"),
        ] %}
            union all
            select
                'TE03_{{ name }}',
                index_id,
                session_date,
                session_date,
                {{ value }},
                case when {{ value }} is null then 'WARMUP' else 'OK' end,
                {{ used }},
                {{ expected }},
                max(known_at) over (order by session_no)
            from {{ ref("int_technicals") }}
        {% endfor %}
    )
    {{ readings("readings", "TE03") }}
