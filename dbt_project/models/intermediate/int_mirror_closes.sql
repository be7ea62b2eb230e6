-- Closes of coins per UTC day at Binance, in Tether dollars (seed instrument_ids.csv says which pair is which coin).
-- They stand beside the prices of int_crypto_daily as a check, and nothing is priced by them.
select i.instrument_id, b.observed_on as utc_date, b.close, b.known_at
from {{ ref("stg_binance_klines") }} as b
inner join
    {{ ref("instrument_ids") }} as i on i.world = '{{ var("world") }}' and i.vendor = 'binance' and i.id = b.symbol
where b.close > 0
order by i.instrument_id, b.observed_on
