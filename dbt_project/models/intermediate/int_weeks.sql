-- ISO weeks that are over, and the session from which on that could be known: the last one the calendar listed.
-- When the exchange was closed on that day unexpectedly, the week is over with the next session, and no earlier
-- row learns of it.
with
    scheduled as (
        select date_trunc('week', date) as week, max(date) as scheduled_end
        from {{ ref("calendar") }}
        where is_session
        group by date_trunc('week', date)
    )
select
    max(c.session_date) as week_end,
    max(c.session_no) as end_no,
    max(c.session_date) = max(s.scheduled_end) as ended_as_scheduled,
    max(s.scheduled_end) as over_from
from {{ ref("int_calendar") }} as c
inner join scheduled as s on s.week = date_trunc('week', c.session_date)
group by s.week
having max(s.scheduled_end) <= (select max(session_date) from {{ ref("int_calendar") }})
order by week_end
