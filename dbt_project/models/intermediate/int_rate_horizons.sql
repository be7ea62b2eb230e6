-- The rate implied for 3, 6 and 12 months ahead and for the end of the year, per session and variant: that of the
-- meeting nearest to the day, or of the month nearest to it where the calendar of meetings does not reach so far. A
-- change compares the same meeting with itself some sessions ago, never one horizon with another.
with
    aims as (
        select c.session_date, c.session_no, c.snapshot_at, h.horizon, h.aim
        from {{ ref("int_calendar") }} as c
        cross join
            lateral(
                values
                    ('3m', cast(c.session_date + interval 3 month as date)),
                    ('6m', cast(c.session_date + interval 6 month as date)),
                    ('12m', cast(c.session_date + interval 12 month as date)),
                    ('dec', make_date(year(c.session_date), 12, 31))
            ) as h(horizon, aim)
        where c.session_date >= (select min(session_date) from {{ ref("int_meeting_odds") }})
    ),
    paths as (select * from {{ ref("int_meeting_odds") }} where variant = 'anchor_both'),
    nearest as (
        select a.*, p.meeting_date, p.is_meeting, p.end_rate, p.status
        from aims as a
        left join paths as p on p.session_no = a.session_no
        qualify
            row_number() over (
                partition by a.session_no, a.horizon
                order by
                    -- the end of the year is what its own meetings leave
                    horizon = 'dec' and year(p.meeting_date) <> year(a.session_date),
                    -- a month stands for its middle; of two as near the earlier
                    abs(p.meeting_date + case when p.is_meeting then 0 else 14 end - a.aim) nulls last,
                    p.meeting_date
            )
            = 1
    )
select
    n.session_date,
    n.session_no,
    n.snapshot_at,
    n.horizon,
    n.meeting_date,
    n.is_meeting,
    n.end_rate,
    r.effr,
    100 * (n.end_rate - r.effr) as priced_bp,
    case
        when n.meeting_date is null
        then 'NOT_AVAILABLE'
        -- the last meeting of the year is over: nothing of it is left to expect
        when n.horizon <> 'dec' and abs(n.meeting_date - n.aim) > 62
        then 'NOT_AVAILABLE'
        when n.horizon = 'dec' and year(n.meeting_date) <> year(n.session_date)
        then 'UNDEFINED'
        when n.status <> 'OK'
        then n.status
        else coalesce(r.status_effr, 'NOT_PUBLISHED')
    end as status
from nearest as n
left join {{ ref("int_rate_sessions") }} as r on r.session_no = n.session_no
order by n.session_no, n.horizon
