-- What fell on which half of a session: releases of 08:30 New York on the half before the open, decisions of the
-- central bank on the half after it, reports of companies that weigh 5 % of the index together on the half before
-- the open of the session that answers them, a shock of geopolitical risk on both halves of its session. A tag
-- counts from known_at on.
with
    releases as (
        select
            r.release_id as tag,
            cast(timezone('America/New_York', r.known_at) as date) as day,
            min(r.known_at) as known_at
        from {{ ref("int_release_figures") }} as r
        where r.is_primary
        group by all
    ),
    reports as (
        select e.effective_session, sum(w.weight_close) as weight, max(greatest(e.known_at, w.known_at)) as known_at
        from {{ ref("int_earnings_reports") }} as e
        inner join {{ ref("int_calendar") }} as c on c.session_date = e.effective_session
        inner join
            {{ ref("int_index_weights") }} as w on w.instrument_id = e.instrument_id and w.session_no = c.session_no - 1
        group by e.effective_session
    ),
    tagged as (
        select tag, c.session_no, 'overnight' as half, r.known_at
        from releases as r
        inner join {{ ref("int_calendar") }} as c on c.session_date = r.day
        union all
        select 'fomc', c.session_no, 'intraday', m.decided_at
        from {{ ref("int_policy_meetings") }} as m
        inner join {{ ref("int_calendar") }} as c on c.session_date = m.meeting_date
        where m.cancelled_at is null and m.decided_at <= c.snapshot_at
        union all
        select 'earnings', c.session_no, 'overnight', r.known_at
        from reports as r
        inner join {{ ref("int_calendar") }} as c on c.session_date = r.effective_session
        where r.weight >= 0.05
        union all
        select 'geopolitical', s.event_no, h.half, max(s.known_at)
        from {{ ref("int_news_shocks") }} as s
        cross join (values ('overnight'), ('intraday')) as h(half)
        where s.index_id = 'gpr' and s.event_no is not null
        group by s.event_no, h.half
    )
select tag, session_no, half, min(known_at) as known_at
from tagged
group by tag, session_no, half
order by tag, session_no, half
