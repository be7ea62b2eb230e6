-- Figures that somebody printed: those of companies (corporate_facts) and those of seed cited_figures. Each is known
-- from the first session on or after the day it could be read. None is computed here.
with
    told as (
        select world, figure_id, subject, what, period_end, value, unit, published_on, said_by, source
        from {{ ref("printed_figures") }}
        union all
        select world, fact_id, issuer, metric, period_end, value, unit, published_on, issuer, source
        from {{ ref("corporate_facts") }}
    )
select
    t.figure_id,
    t.period_end,
    t.published_on,
    c.session_date,
    t.subject,
    t.what,
    t.value,
    t.unit,
    t.said_by,
    t.source,
    c.snapshot_at as known_at
from told as t
asof inner join {{ ref("int_calendar") }} as c on c.session_date >= t.published_on
where t.world = '{{ var("world") }}'
order by t.figure_id, t.period_end, t.published_on
