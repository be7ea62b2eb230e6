-- What part of the index is expected to report soon, per session since days ahead were first asked: the day each member
-- is expected on, as the calendar stood at the snapshot, with the member's weight at the close.
with
    sessions as (
        select session_date, session_no, snapshot_at
        from {{ ref("int_calendar") }}
        where snapshot_at >= (select min(first_seen_at) from {{ ref("int_earnings_calendar") }} where eps is null)
    ),
    ahead as (
        select s.session_no, v.instrument_id, min(v.report_date) as report_date, max(v.known_at) as known_at
        from sessions as s
        inner join
            {{ ref("int_earnings_calendar") }} as v
            on v.report_date > s.session_date
            and v.report_date <= s.session_date + 45
            and v.is_present
            and v.eps is null
            and {{ known_at_moment("v", "s.snapshot_at") }}
        group by s.session_no, v.instrument_id
    ),
    future as (select date, row_number() over (order by date) as number from {{ ref("calendar") }} where is_session)
select
    s.session_date,
    s.session_no,
    w.universe_id,
    a.instrument_id,
    a.report_date,
    r.number - n.number as sessions_ahead,
    w.weight_close,
    greatest(a.known_at, w.known_at) as known_at
from sessions as s
inner join ahead as a on a.session_no = s.session_no
inner join {{ ref("int_index_weights") }} as w on w.session_no = s.session_no and w.instrument_id = a.instrument_id
inner join future as n on n.date = s.session_date
asof inner join future as r on r.date >= a.report_date
order by s.session_no, a.instrument_id
