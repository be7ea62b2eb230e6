-- Crypto beside each equity session. Alignment utc_day: the UTC-day candle, which closes 3 to 5 hours after the equity
-- close. The price at the close itself needs hourly candles and is NOT_AVAILABLE until they are held.
with
    first_days as (
        select instrument_id, min(utc_date) as first_day from {{ ref("int_crypto_daily") }} group by instrument_id
    ),
    spine as (
        select f.instrument_id, c.session_date, c.session_no, c.snapshot_at
        from first_days as f
        inner join {{ ref("int_calendar") }} as c on c.session_date >= f.first_day
    ),
    own as (
        select
            instrument_id,
            utc_date,
            case
                when count(log_return) over past = 60 then 100 * sqrt(365) * stddev_samp(log_return) over past
            end as vol_365
        from {{ ref("int_crypto_daily") }}
        window past as (partition by instrument_id order by utc_date rows between 59 preceding and current row)
    ),
    priced as (
        select
            s.*,
            d.close,
            o.vol_365,
            e.close as close_eve,
            lag(d.close) over (partition by s.instrument_id order by s.session_no) as close_before,
            lag(s.session_date) over (partition by s.instrument_id order by s.session_no) as session_before
        from spine as s
        left join
            {{ ref("int_crypto_daily") }} as d
            on d.instrument_id = s.instrument_id
            and d.utc_date = s.session_date
            and d.known_at <= s.snapshot_at
        left join
            {{ ref("int_crypto_daily") }} as e on e.instrument_id = s.instrument_id and e.utc_date = s.session_date - 1
        left join own as o on o.instrument_id = s.instrument_id and o.utc_date = s.session_date
    )
select
    instrument_id,
    session_date,
    'utc_day' as alignment,
    cast(null as double) as close_nyse,
    'NOT_AVAILABLE' as status_nyse,
    close as close_utc_day,
    round(close / close_before - 1, 9) as return_session,
    case when close is not null then round(vol_365, 6) end as vol_365,
    case
        when session_date - session_before > 1 and close is not null then round(close_eve / close_before - 1, 9)
    end as weekend_return,
    case when close is null then 'NOT_PUBLISHED' when close_before is null then 'WARMUP' else 'OK' end as status,
    case when close is null then 'NOT_PUBLISHED' when vol_365 is null then 'WARMUP' else 'OK' end as status_vol,
    snapshot_at as known_at
from priced
order by session_date, instrument_id
