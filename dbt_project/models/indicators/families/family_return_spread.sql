-- Total return of an instrument (`subject`) over `span` sessions, with `against` less that of another one over the same
-- sessions, times `scale`. Both are instruments, or roles that one instrument of the world has. A bar in doubt at
-- either end is no end, and neither is a day without one.
{% set legs = ["subject", "against"] %}
with
    held as (
        select i.instrument_id, i.role, p.*
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id
        where
            i.instrument_id
            in (select unnest([subject, against]) from {{ ref("indicators") }} where family = 'return_spread')
            or i.role in (select unnest([subject, against]) from {{ ref("indicators") }} where family = 'return_spread')
    ),
    named as (
        {% for name in ["instrument_id", "role"] %}
            select
                {{ name }} as name, session_no, session_date, close_tr, era, doubt, is_traded, has_no_actions, known_at
            from held
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),
    began as (select name, min(session_no) as first_no from named group by name),
    legs as (
        {% for leg in legs %}
            select
                i.reading_id,
                '{{ leg }}' as leg,
                c.session_no,
                c.session_date,
                n.close_tr / b.close_tr - 1 as total_return,
                {{ span_status("c.session_no - i.span < g.first_no") }} as status,
                greatest(n.known_at, b.known_at) as known_at
            from {{ ref("indicators") }} as i
            inner join began as g on g.name = i.{{ leg }}
            inner join {{ ref("int_calendar") }} as c on c.session_no >= g.first_no
            left join named as n on n.name = i.{{ leg }} and n.session_no = c.session_no
            left join named as b on b.name = i.{{ leg }} and b.session_no = c.session_no - i.span
            where i.family = 'return_spread'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            case when i.against is null then i.subject else i.subject || '~' || i.against end as entity_id,
            s.session_date,
            s.session_date as obs_period,
            i.scale * (s.total_return - case when i.against is null then 0 else a.total_return end) as value,
            case
                when s.status <> 'OK' then s.status when i.against is null then 'OK' else coalesce(a.status, 'WARMUP')
            end as status,
            cast(s.status = 'OK' as integer) + cast(coalesce(a.status, '') = 'OK' as integer) as n_used,
            1 + cast(i.against is not null as integer) as n_expected,
            greatest(s.known_at, a.known_at) as known_at
        from {{ ref("indicators") }} as i
        inner join legs as s on s.reading_id = i.reading_id and s.leg = 'subject'
        left join legs as a on a.reading_id = i.reading_id and a.leg = 'against' and a.session_no = s.session_no
        where i.family = 'return_spread'
    )
    {{ readings("readings") }}
