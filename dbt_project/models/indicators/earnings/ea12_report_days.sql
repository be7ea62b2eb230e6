-- EA12: percent of the index's weight that reports on the session's day, and that is expected to report within the
-- next five sessions, as the calendar stood at the snapshot.
with
    days as (
        select w.universe_id, w.session_no, w.session_date, w.status, w.members, w.n_sized, w.known_at
        from {{ ref("int_weight_sources") }} as w
        where w.session_no >= (select min(report_no) from {{ ref("int_earnings_reports") }})
    ),
    reported as (
        -- who is listed for the day: the vendor tells the figure a day later, and what was said of a day may not change
        select
            w.universe_id,
            w.session_no,
            sum(cast(w.weight_close as decimal(18, 15))) as weight,
            max(k.known_at) as known_at
        from {{ ref("int_earnings_calendar") }} as k
        inner join
            {{ ref("int_calendar") }} as c
            on c.session_date = k.report_date
            and {{ known_at_moment("k", "c.snapshot_at") }}
        inner join
            {{ ref("int_index_weights") }} as w on w.instrument_id = k.instrument_id and w.session_no = c.session_no
        where k.is_present
        group by w.universe_id, w.session_no
    ),
    ahead as (
        select universe_id, session_no, sum(cast(weight_close as decimal(18, 15))) as weight, max(known_at) as known_at
        from {{ ref("int_report_days") }}
        where sessions_ahead between 1 and 5
        group by universe_id, session_no
    ),
    readings as (
        select
            'EA12_day' as reading_id,
            d.universe_id as entity_id,
            d.session_date,
            d.session_date as obs_period,
            -- nobody reporting is a fact where the calendar was asked, and a number
            100 * coalesce(cast(r.weight as double), 0) as value,
            d.status,
            d.n_sized as n_used,
            d.members as n_expected,
            greatest(d.known_at, r.known_at) as known_at
        from days as d
        left join reported as r on r.universe_id = d.universe_id and r.session_no = d.session_no
        union all
        select
            'EA12_next5',
            d.universe_id,
            d.session_date,
            d.session_date,
            100 * coalesce(cast(a.weight as double), 0),
            d.status,
            d.n_sized,
            d.members,
            greatest(d.known_at, a.known_at)
        from days as d
        left join ahead as a on a.universe_id = d.universe_id and a.session_no = d.session_no
        where d.session_no >= (select min(session_no) from {{ ref("int_report_days") }})
    )
    {{ readings("readings", "EA12") }}
