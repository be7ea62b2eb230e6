-- Crypto per UTC day, and the price at the equity close where hourly candles hold it.
-- The candle of UTC day t closes at 00:00 UTC, that is 19:00 or 20:00 New York of t: after the equity close, before the
-- snapshot. It is known in row t but not synchronous with it (alignment utc_day). The price at the close (alignment
-- nyse_close) is that of the hourly candle that ends exactly then: 16:00 New York in summer and in winter, 13:00 on
-- half days. An hour without a candle is more than 60 minutes missing: no price, with the reason.
with
    held as (
        select i.instrument_id, b.granularity_s, b.start_at, b.close, b.known_at
        from {{ ref("stg_coinbase_candles") }} as b
        inner join {{ ref("int_instruments") }} as i on i.symbol = b.product and i.asset_class = 'crypto'
        where b.close > 0
    ),
    candles as (
        select
            instrument_id,
            cast(timezone('UTC', start_at) as date) as utc_date,
            close,
            start_at + interval 1 day as closes_at,
            greatest(known_at, start_at + interval 1 day) as known_at
        from held
        where granularity_s = 86400
    ),
    hours as (
        select
            instrument_id,
            start_at + interval 1 hour as ends_at,
            close,
            greatest(known_at, start_at + interval 1 hour) as known_at
        from held
        where granularity_s = 3600
    ),
    reach as (select instrument_id, min(ends_at) as first_hour from hours group by instrument_id),
    products as (
        select instrument_id, min(utc_date) as first_day
        from
            (
                select instrument_id, utc_date
                from candles
                union all
                select instrument_id, cast(timezone('UTC', ends_at) as date)
                from hours
            )
        group by instrument_id
    ),
    at_close as (
        select
            p.instrument_id,
            c.session_date,
            c.session_no,
            h.close as close_nyse,
            h.known_at as nyse_known_at,
            case
                when h.close is not null
                then 'OK'
                when r.first_hour is null or r.first_hour > c.close_at
                then 'NOT_AVAILABLE'
                else 'NOT_PUBLISHED'
            end as status_nyse
        from products as p
        inner join {{ ref("int_calendar") }} as c on c.session_date >= p.first_day
        left join reach as r on r.instrument_id = p.instrument_id
        left join
            hours as h on h.instrument_id = p.instrument_id and h.ends_at = c.close_at and h.known_at <= c.snapshot_at
    ),
    returns as (
        select *, case when lag(utc_date) over own = utc_date - 1 then ln(close / lag(close) over own) end as log_return
        from candles
        window own as (partition by instrument_id order by utc_date)
    ),
    joined as (
        select
            coalesce(d.instrument_id, n.instrument_id) as instrument_id,
            coalesce(d.utc_date, n.session_date) as utc_date,
            d.close,
            d.closes_at,
            d.known_at,
            d.log_return,
            n.session_no,
            n.close_nyse,
            n.nyse_known_at,
            n.status_nyse
        from returns as d
        full outer join at_close as n on n.instrument_id = d.instrument_id and n.session_date = d.utc_date
    )
select *, case when close_nyse is not null then 'nyse_close' else 'utc_day' end as alignment
from joined
where close is not null or close_nyse is not null
order by utc_date, instrument_id
