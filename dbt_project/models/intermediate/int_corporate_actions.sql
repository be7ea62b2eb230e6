-- Splits and dividends at the session where they enter the factors: as they were known on the ex-date's session (what
-- everybody knew that evening); what was learnt only later enters when it was learnt (is_late), so that it moves no
-- past row. A split that is corrected or withdrawn enters once more then, by the ratio of what is said now to what was
-- said before, because bars are told at the scale of the newest answer. A dividend enters once: one that is withdrawn
-- later was told, and one that was moved to another day has entered already.
with
    on_session as (
        select
            i.instrument_id,
            a.ex_date,
            a.action,
            a.version_no,
            case when a.is_present then a.value end as value,
            a.doubt,
            a.known_at <= c.snapshot_at as is_known_in_time,
            greatest(a.known_at, c.snapshot_at) as known_at
        from {{ ref("stg_yahoo_actions") }} as a
        inner join {{ ref("int_instruments") }} as i on i.vendor_symbol = a.symbol
        asof join {{ ref("int_calendar") }} as c on c.session_date >= a.ex_date
        where a.value > 0 or not a.is_present
    ),
    entering as (
        -- of several versions that a session's snapshot learns together, the last
        select
            v.instrument_id,
            v.ex_date,
            v.action,
            v.version_no,
            v.value,
            v.doubt,
            not v.is_known_in_time as is_late,
            v.known_at,
            c.session_date,
            c.session_no
        from on_session as v
        asof join {{ ref("int_calendar") }} as c on c.snapshot_at >= v.known_at
        qualify
            row_number() over (
                partition by v.instrument_id, v.ex_date, v.action, c.session_no order by v.version_no desc
            )
            = 1
    ),
    ordered as (
        select
            *,
            row_number() over versions as entry_no,
            lag(value) over versions as value_before,
            lead(session_no) over versions as next_session_no,
            lead(value is null) over versions as is_withdrawn_next
        from entering
        window versions as (partition by instrument_id, ex_date, action order by session_no)
    ),
    told as (
        -- a dividend enters with its first entry; when that one says it is withdrawn, it never was told
        select *
        from ordered
        where action <> 'split' and entry_no = 1 and value is not null
        union all
        select * replace (coalesce(value, 1) / coalesce(value_before, 1) as value)
        from ordered
        where action = 'split' and coalesce(value, 1) <> coalesce(value_before, 1)
    )
select t.instrument_id, t.ex_date, t.action, t.value, t.doubt, t.session_date, t.session_no, t.is_late, t.known_at
from told as t
where
    t.action <> 'dividend'
    or not exists (
        -- the same amount told for a day of the same week and withdrawn since: moved, not paid twice
        select 1
        from told as m
        where
            m.action = 'dividend'
            and m.is_withdrawn_next
            and m.instrument_id = t.instrument_id
            and m.ex_date <> t.ex_date
            and abs(date_diff('day', m.ex_date, t.ex_date)) <= 6
            and abs(m.value - t.value) <= 0.005 * t.value
            and (m.session_no < t.session_no or (m.session_no = t.session_no and m.ex_date < t.ex_date))
    )
order by t.instrument_id, t.ex_date, t.action, t.session_no
