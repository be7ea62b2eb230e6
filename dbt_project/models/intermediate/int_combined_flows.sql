-- Net flow of all long-term US funds in the newest week and in the newest month told by each session, as published
-- first. A period that came after the next one is left out. A week counts until the next one is overdue, 17 days after
-- its end (on time it is at most 16 days old), a month for 70 days.
with
    told as (
        select *
        from {{ ref("stg_ici_flows") }}
        where version_no = 1
        qualify {{ came_in_order("period_kind", "period_end") }}
    )
select
    c.session_date,
    c.session_no,
    t.period_kind,
    t.period_end,
    {% for kind in fund_kinds() %} t.{{ kind }}_usd, {% endfor %}
    case
        when c.session_date - t.period_end <= case when t.period_kind = 'week' then 17 else 70 end
        then 'OK'
        else 'STALE_INPUT'
    end as status,
    t.known_at
from (values ('week'), ('month')) as k(period_kind)
cross join {{ ref("int_calendar") }} as c
asof inner join told as t on t.period_kind = k.period_kind and t.known_at <= c.snapshot_at
order by c.session_no, t.period_kind
