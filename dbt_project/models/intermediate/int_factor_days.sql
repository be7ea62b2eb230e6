-- Daily moves the index is set beside (a description of moving together, no cause), on sessions that have all of them:
-- 2-year yield, real 10-year yield, breakeven and spread of Baa bonds in basis points, oil and the index as 100 times
-- the log return. Yields are those first published; a session with a bond holiday on either side has no row.
with
    series as (
        select
            observation_date,
            {% for id in ["DGS2", "DGS10", "DFII10", "BAA10Y"] %}
                max(value) filter (where series_id = '{{ id }}') as {{ id }},
            {% endfor %}
            max(known_at) as known_at
        from {{ ref("int_daily_observations") }}
        where version_no = 1 and series_id in ('DGS2', 'DGS10', 'DFII10', 'BAA10Y')
        group by observation_date
        having count(distinct series_id) = 4
    ),
    oil as (
        select session_no, close, known_at
        from {{ ref("int_commodity_closes") }}
        where instrument_id = 'FU:CL' and doubt is null
    ),
    joined as (
        select
            c.index_id,
            c.session_date,
            c.session_no,
            c.close_ticks,
            s.* exclude (observation_date, known_at),
            o.close as oil,
            greatest(c.known_at, s.known_at, o.known_at) as known_at
        from {{ ref("int_index_closes") }} as c
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = c.index_id and i.role = 'headline'
        inner join series as s on s.observation_date = c.session_date
        inner join oil as o on o.session_no = c.session_no
    )
select
    n.index_id,
    n.session_date,
    n.session_no,
    100 * ln(n.close_ticks / cast(b.close_ticks as double)) as log_return,
    100 * (n.dgs2 - b.dgs2) as two_year,
    100 * (n.dfii10 - b.dfii10) as real_yield,
    100 * ((n.dgs10 - n.dfii10) - (b.dgs10 - b.dfii10)) as breakeven,
    -- oil settled below zero once, which has no logarithm
    case when n.oil > 0 and b.oil > 0 then 100 * ln(n.oil / b.oil) end as oil,
    100 * (n.baa10y - b.baa10y) as spread,
    greatest(n.known_at, b.known_at) as known_at
from joined as n
inner join joined as b on b.index_id = n.index_id and b.session_no = n.session_no - 1
where n.oil > 0 and b.oil > 0
order by n.index_id, n.session_no
