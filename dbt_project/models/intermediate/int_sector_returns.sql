-- Total returns over 20 sessions of the sector funds and of the broad fund they are compared with.
with
    funds as (
        select i.instrument_id, i.sector_id, i.role, p.session_date, p.session_no, p.close_tr, p.known_at
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id
        where i.role in ('sector_etf', 'broad_etf') and p.is_traded
    ),
    returns as (
        select n.* replace (greatest(n.known_at, b.known_at) as known_at), n.close_tr / b.close_tr - 1 as return_20d
        from funds as n
        left join funds as b on b.instrument_id = n.instrument_id and b.session_no = n.session_no - 20
    )
select
    s.sector_id,
    s.instrument_id,
    s.session_date,
    s.return_20d,
    b.return_20d as broad_return_20d,
    greatest(s.known_at, b.known_at) as known_at
from returns as s
left join returns as b on b.session_no = s.session_no and b.role = 'broad_etf'
where s.role = 'sector_etf'
order by s.session_date, s.sector_id
