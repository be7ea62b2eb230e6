-- Splits and dividends at the session where they enter the factors: the version known on the ex-date's session (what
-- everybody knew that evening); one learnt only later enters when it was learnt (is_late), so that it moves no past
-- row.
with
    on_session as (
        select
            i.instrument_id,
            a.ex_date,
            a.action,
            a.value,
            a.known_at,
            a.version_no,
            c.snapshot_at as ex_snapshot_at,
            a.known_at <= c.snapshot_at as is_known_in_time
        from {{ ref("stg_yahoo_actions") }} as a
        inner join {{ ref("int_instruments") }} as i on i.vendor_symbol = a.symbol
        asof join {{ ref("int_calendar") }} as c on c.session_date >= a.ex_date
        where a.value > 0
    ),
    chosen as (
        select *
        from on_session
        qualify
            row_number() over (
                partition by instrument_id, ex_date, action
                order by is_known_in_time desc, case when is_known_in_time then - version_no else version_no end
            )
            = 1
    )
select
    h.instrument_id,
    h.ex_date,
    h.action,
    h.value,
    c.session_date,
    c.session_no,
    not h.is_known_in_time as is_late,
    greatest(h.known_at, h.ex_snapshot_at) as known_at
from chosen as h
asof join {{ ref("int_calendar") }} as c on c.snapshot_at >= greatest(h.known_at, h.ex_snapshot_at)
order by h.instrument_id, h.ex_date, h.action
