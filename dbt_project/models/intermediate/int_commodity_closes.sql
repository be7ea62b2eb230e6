-- Closes of commodity futures as traded, front contract after front contract: what a roll adds is inside the moves. A
-- close may lie below zero (crude oil on 2020-04-20): int_prices has no such bar, here it stands.
select i.instrument_id, c.session_no, c.session_date, b.close, p.doubt, b.known_at
from {{ ref("stg_yahoo_bars") }} as b
inner join {{ ref("int_instruments") }} as i on i.vendor_symbol = b.symbol and i.role = 'commodity'
inner join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
left join {{ ref("int_prices") }} as p on p.instrument_id = i.instrument_id and p.session_no = c.session_no
order by i.instrument_id, c.session_no
