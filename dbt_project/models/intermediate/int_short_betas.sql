-- The slope of each stock's daily total return on the headline index's daily return over 252 sessions, up to each
-- session since short interest is known: at least 227 pairs. Sums are of whole numbers (returns in units of 1e-12), so
-- they are exact, and a bad day leaves with its window.
with
    bounds as (select min(session_no) as first_no from {{ ref("int_short_lines") }}),
    index_returns as (
        select session_no, close_ticks / cast(lag(close_ticks) over (order by session_no) as double) - 1 as return_1d
        from {{ ref("int_index_closes") }} as n
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = n.index_id and i.role = 'headline'
        qualify session_no - lag(session_no) over (order by session_no) = 1
    ),
    pairs as (
        select
            d.instrument_id,
            d.session_no,
            cast(round(x.return_1d * 1e12) as hugeint) as x,
            cast(round(d.return_1d * 1e12) as hugeint) as y
        from {{ ref("int_security_daily") }} as d
        inner join bounds as b on d.session_no > b.first_no - 252
        inner join index_returns as x on x.session_no = d.session_no
        where d.return_1d is not null and d.instrument_id in (select instrument_id from {{ ref("int_short_interest") }})
    ),
    summed as (
        select
            instrument_id,
            session_no,
            count(*) over year as n,
            sum(x) over year as sx,
            sum(y) over year as sy,
            sum(x * x) over year as sxx,
            sum(x * y) over year as sxy
        from pairs
        window year as (partition by instrument_id order by session_no range between 251 preceding and current row)
    )
select
    s.instrument_id,
    s.session_no,
    cast(s.n as integer) as n_pairs,
    round(cast(s.n * s.sxy - s.sx * s.sy as double) / nullif(cast(s.n * s.sxx - s.sx * s.sx as double), 0), 12) as beta
from summed as s
inner join bounds as b on s.session_no >= b.first_no
where s.n >= 227
order by s.session_no, s.instrument_id
