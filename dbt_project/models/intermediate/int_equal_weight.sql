-- Our own equal-weighted total return of the default universe and of its size thirds over 1 to 252 sessions: the
-- mean of its members' total returns each session (so it is rebalanced daily), chained. A session counts when the
-- counts of breadth do and enough members have a return; a window needs all of its sessions.
{% set spans = [1, 20, 60, 252] %}
with
    floors as (select * from {{ ref("universes") }} where world = '{{ var("world") }}'),
    daily as (
        select
            b.universe_id,
            b.segment_type,
            b.segment_id,
            b.session_date,
            c.session_no,
            b.status_counts,
            case
                when b.status_counts in ('OK', 'UNDEFINED') and r.with_return >= f.coverage_floor * b.members
                then cast(r.sum_return as double) / r.with_return
            end as mean_return,
            b.known_at
        from {{ ref("int_breadth") }} as b
        inner join floors as f on f.universe_id = b.universe_id
        inner join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
        left join
            {{ ref("int_member_returns") }} as r
            on r.universe_id = b.universe_id
            and r.segment_type = b.segment_type
            and r.segment_id = b.segment_id
            and r.session_date = b.session_date
        where b.is_default and b.segment_type in ('universe', 'size')
    )
{% for n in spans %}
    select
        universe_id,
        segment_type,
        segment_id,
        session_date,
        {{ n }} as span,
        case
            when count(mean_return) over window_{{ n }} = {{ n }}
            then list_product(list(1 + mean_return) over window_{{ n }}) - 1
        end as total_return,
        case
            when status_counts = 'NOT_AVAILABLE'
            then 'NOT_AVAILABLE'
            when
                session_no - min(session_no) over (partition by universe_id, segment_type, segment_id) + 1 < {{ n }}
                or bool_or(status_counts = 'WARMUP') over window_{{ n }}
            then 'WARMUP'
            when count(mean_return) over window_{{ n }} < {{ n }}
            then 'LOW_COVERAGE'
            else 'OK'
        end as status,
        count(mean_return) over window_{{ n }} as sessions_used,
        max(known_at) over window_{{ n }} as known_at
    from daily
    window
        window_{{ n }} as (
            partition by universe_id, segment_type, segment_id
            order by session_no range between {{ n - 1 }} preceding and current row
        )
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
order by session_date, universe_id, segment_type, segment_id, span
