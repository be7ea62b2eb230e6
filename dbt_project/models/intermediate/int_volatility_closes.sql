-- Closes of the volatility indices, one row per index and session, newest version known at as_of.
select i.instrument_id, b.symbol, c.session_date, c.session_no, c.snapshot_at, b.close, b.known_at
from {{ ref("stg_cboe_index_history") }} as b
inner join {{ ref("int_instruments") }} as i on i.symbol = b.symbol and i.asset_class = 'volatility'
inner join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
where b.close > 0
order by c.session_date, b.symbol
