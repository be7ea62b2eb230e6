-- Crypto beside each equity session, once per alignment. nyse_close: the price at the equity close, held from the first
-- hourly candle on. utc_day: the UTC-day candle, which closes 3 to 5 hours after the equity close (is_async).
-- A return runs from level to level, so weekends and holidays are inside it, never dropped.
-- Binance's close of the same UTC day is a check beside the price, never the price: it is in Tether dollars, so what
-- the pegged coins are away from a dollar is allowed for (as known; 2 % where that is not known).
with
    days as (select * from {{ ref("int_crypto_daily") }}),
    spans as (
        select instrument_id, 'utc_day' as alignment, min(utc_date) filter (where close is not null) as first_day
        from days
        group by instrument_id
        union all
        select instrument_id, 'nyse_close', min(utc_date) filter (where close_nyse is not null)
        from days
        group by instrument_id
    ),
    spine as (
        select f.instrument_id, f.alignment, c.session_date, c.session_no, c.snapshot_at
        from spans as f
        inner join {{ ref("int_calendar") }} as c on c.session_date >= f.first_day
    ),
    own as (
        select
            instrument_id,
            utc_date,
            case
                when count(log_return) over past = 60 then 100 * sqrt(365) * stddev_samp(log_return) over past
            end as vol_365
        from days
        where close is not null
        window past as (partition by instrument_id order by utc_date rows between 59 preceding and current row)
    ),
    mirrored as (
        select *, min(utc_date) over (partition by instrument_id) as first_mirrored from {{ ref("int_mirror_closes") }}
    ),
    priced as (
        select
            s.*,
            d.close_nyse,
            d.status_nyse,
            case when d.known_at <= s.snapshot_at then d.close end as close_utc_day,
            case
                when s.alignment = 'nyse_close' then d.close_nyse when d.known_at <= s.snapshot_at then d.close
            end as price,
            o.vol_365,
            e.close as close_eve,
            case
                when d.known_at <= s.snapshot_at and m.known_at <= s.snapshot_at then m.close / d.close
            end as mirror_ratio,
            coalesce(s.session_date < f.first_mirrored, true) as is_before_mirror,
            case when p.status = 'OK' then abs(p.price - 1) else 0.02 end as off_peg
        from spine as s
        left join days as d on d.instrument_id = s.instrument_id and d.utc_date = s.session_date
        left join days as e on e.instrument_id = s.instrument_id and e.utc_date = s.session_date - 1
        left join own as o on o.instrument_id = s.instrument_id and o.utc_date = s.session_date
        left join mirrored as m on m.instrument_id = s.instrument_id and m.utc_date = s.session_date
        left join
            (select distinct instrument_id, first_mirrored from mirrored) as f on f.instrument_id = s.instrument_id
        left join {{ ref("int_stablecoins") }} as p on p.session_no = s.session_no
    ),
    spanned as (
        select *, lag(price) over own_sessions as price_before, lag(session_date) over own_sessions as session_before
        from priced
        window own_sessions as (partition by instrument_id, alignment order by session_no)
    )
select
    instrument_id,
    session_date,
    alignment,
    alignment = 'utc_day' as is_async,
    close_nyse,
    case when close_nyse is not null then 'OK' else coalesce(status_nyse, 'NOT_PUBLISHED') end as status_nyse,
    close_utc_day,
    round(100 * (price / price_before - 1), 6) as return_1d,
    case when close_utc_day is not null then round(vol_365, 6) end as vol_365,
    case
        when session_date - session_before > 1 and price is not null then round(100 * (close_eve / price_before - 1), 6)
    end as weekend_return,
    case
        when price is not null and price_before is not null
        then 'OK'
        when session_before is null and price is not null
        then 'WARMUP'
        else 'NOT_PUBLISHED'
    end as status,
    case when close_utc_day is null then 'NOT_PUBLISHED' when vol_365 is null then 'WARMUP' else 'OK' end as status_vol,
    round(100 * (mirror_ratio - 1), 6) as mirror_gap,
    round(1 + 100 * off_peg, 6) as mirror_tolerance,
    case
        when mirror_ratio is not null then 'OK' when is_before_mirror then 'NOT_AVAILABLE' else 'NOT_PUBLISHED'
    end as status_mirror,
    snapshot_at as known_at
from spanned
order by session_date, instrument_id, alignment
