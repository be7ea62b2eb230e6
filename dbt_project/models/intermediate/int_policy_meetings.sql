-- Meetings of the central bank: since when each was known, when its statement came (14:00 New York today), and the
-- target after it with its change from the one before (null while it lies ahead).
select
    meeting_date,
    is_scheduled,
    timezone('America/New_York', meeting_date + cast(statement_time as time)) as decided_at,
    -- the calendar of a year is out by the evening of its day; a meeting nobody had scheduled, with its statement
    case
        when is_scheduled
        then timezone('America/New_York', announced_on + time '17:00:00')
        else timezone('America/New_York', meeting_date + cast(statement_time as time))
    end as known_at,
    timezone('America/New_York', cancelled_on + time '17:00:00') as cancelled_at,
    target_upper_after,
    round(target_upper_after - lag(target_upper_after ignore nulls) over (order by meeting_date), 6) as change
from {{ ref("policy_meetings") }}
where world = '{{ var("world") }}'
order by meeting_date
