-- The odds of each target range after a meeting as the prediction market has them: differences of its ladder, whose
-- levels lie between two possible upper ends. What lies beyond either end of the ladder is counted to the range next to
-- it. As known at each session: the newest ladder, not older than three sessions. A ladder with gaps says nothing.
with
    ladders as (
        select
            l.*,
            m.meeting_date,
            row_number() over own as rung,
            count(*) over (partition by l.event_ticker, l.observed_on) as rungs,
            lag(above, 1, 1.0) over own as above_before,
            level - lag(level) over own as step
        from {{ ref("int_kalshi_ladders") }} as l
        inner join
            {{ ref("int_policy_meetings") }} as m
            on date_trunc('month', m.meeting_date) = l.month
            and m.is_scheduled
            and m.cancelled_at is null
        where l.series_ticker = 'KXFED' and l.level is not null
        window own as (partition by l.event_ticker, l.observed_on order by l.level)
    ),
    sound as (
        select *
        from ladders
        qualify
            bool_and(step is null or abs(step - 0.25) < 1e-9) over (partition by event_ticker, observed_on)
            and count(distinct meeting_date) over (partition by event_ticker, observed_on) = 1
    ),
    odds as (
        -- below a level ends the range whose upper end lies an eighth under it
        select meeting_date, observed_on, known_at, level - 0.375 as range_low, above_before - above as probability
        from sound
        union all
        select meeting_date, observed_on, known_at, level - 0.125, above
        from sound
        where rung = rungs
    ),
    evenings as (
        select meeting_date, observed_on, max(known_at) as known_at from odds group by meeting_date, observed_on
    ),
    known as (
        select c.session_date, c.session_no, c.snapshot_at, m.meeting_date, e.observed_on, e.known_at
        from {{ ref("int_calendar") }} as c
        inner join (select distinct meeting_date from evenings) as m on m.meeting_date > c.session_date
        asof inner join evenings as e on e.meeting_date = m.meeting_date and e.known_at <= c.snapshot_at
    )
select
    k.session_date,
    k.session_no,
    k.meeting_date,
    k.observed_on,
    o.range_low,
    greatest(0, o.probability) as probability,
    k.known_at
from known as k
asof inner join (select session_date, session_no from {{ ref("int_calendar") }}) as s on s.session_date <= k.observed_on
inner join odds as o on o.meeting_date = k.meeting_date and o.observed_on = k.observed_on
where k.session_no - s.session_no <= 3
order by k.session_date, k.meeting_date, o.range_low
