-- Crypto candles of whole UTC days, with the own-calendar log return and the session in whose row the candle stands.
-- The candle of date t closes at 00:00 UTC, that is 19:00 or 20:00 New York of t: after the equity close, before the
-- snapshot. It is therefore known in row t but not synchronous with it (alignment utc_day).
with
    candles as (
        select
            i.instrument_id,
            cast(b.start_at as date) as utc_date,
            b.close,
            b.start_at + interval 1 day as closes_at,
            greatest(b.known_at, b.start_at + interval 1 day) as known_at
        from {{ ref("stg_coinbase_candles") }} as b
        inner join {{ ref("int_instruments") }} as i on i.symbol = b.product and i.asset_class = 'crypto'
        where b.granularity_s = 86400 and b.close > 0
    )
select
    instrument_id,
    utc_date,
    close,
    closes_at,
    known_at,
    case
        when lag(utc_date) over (partition by instrument_id order by utc_date) = utc_date - 1
        then ln(close / lag(close) over (partition by instrument_id order by utc_date))
    end as log_return
from candles
order by utc_date, instrument_id
