-- Closes of the indices on sessions, as integer ticks: the input of the rally state machine. Of an index with
-- closes_from they reach further back than the tables of sessions do. Before the calendar's first day a session is a
-- day with a close, numbered downwards from 0, so that a count of sessions runs through.
with
    older as (
        select
            i.instrument_id as index_id,
            b.session_date,
            c.session_no,
            b.session_date < (select min(session_date) from {{ ref("int_calendar") }}) as is_before_calendar,
            b.close,
            cast(round(b.close * 10000) as bigint) as close_ticks,
            b.known_at
        from {{ ref("stg_yahoo_bars") }} as b
        inner join
            {{ ref("int_instruments") }} as i
            on i.vendor_symbol = b.symbol
            and i.asset_class = 'index'
            and b.session_date < i.history_from
        left join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
        where b.close > 0 and i.closes_from is not null
    )
select instrument_id as index_id, session_date, session_no, close, close_ticks, known_at
from {{ ref("int_prices") }}
where asset_class = 'index'
union all
select index_id, session_date, session_no, close, close_ticks, known_at
from older
where session_no is not null
union all
select
    index_id,
    session_date,
    cast(1 - row_number() over (partition by index_id order by session_date desc) as integer),
    close,
    close_ticks,
    known_at
from older
where is_before_calendar
order by index_id, session_date
