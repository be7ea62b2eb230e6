-- The headline index's log return of each session in two halves, percent: from the close before to the open, and from
-- the open to the close. The open is that of the broad fund, dividends put back: the index's own first price is stale,
-- because many of its stocks have not traded yet. The halves add up to the index's return.
with
    index_days as (
        select
            c.index_id,
            c.session_date,
            c.session_no,
            100 * ln(c.close_ticks / cast(lag(c.close_ticks) over days as double)) as log_return,
            c.session_no - lag(c.session_no) over days as gap,
            c.known_at
        from {{ ref("int_index_closes") }} as c
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = c.index_id and i.role = 'headline'
        window days as (partition by c.index_id order by c.session_no)
    ),
    fund_days as (
        select
            p.session_no,
            p.gap_sessions,
            100 * ln(p.open * p.close_tr / p.close / lag(p.close_tr) over (order by p.session_no)) as overnight,
            p.known_at
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id and i.role = 'broad_etf'
        where p.is_traded and p.doubt is null and p.open > 0
    )
select
    d.index_id,
    d.session_date,
    d.session_no,
    cast(dayofweek(d.session_date) as integer) as weekday,
    d.log_return,
    f.overnight,
    d.log_return - f.overnight as intraday,
    greatest(d.known_at, f.known_at) as known_at
from index_days as d
inner join fund_days as f on f.session_no = d.session_no and f.gap_sessions = 1
where d.gap = 1
order by d.index_id, d.session_no
