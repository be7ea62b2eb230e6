-- When index funds have to trade because their index is changed, after the close of the day: the S&P 500 on the third
-- Friday of a quarter's last month, the Nasdaq-100 on that of December, the Russell indices on the fourth Friday of
-- June and from 2026 on also on the second of November, MSCI's on the last weekday of February, May, August and
-- November, or on the day that seed rebalance_dates lists. A day on which the exchange is shut becomes the session
-- before and is marked. Beyond the horizon of the calendar only the closure of Juneteenth is known, so that nothing
-- fails there.
with
    days as (
        select
            cast(day as date) as day,
            extract(year from day) as year,
            extract(month from day) as month,
            cast(ceil(extract(day from day) / 7.0) as integer) as nth,
            isodow(day) as weekday
        from
            range(
                greatest(date '2013-01-01', (select min(date) from {{ ref("calendar") }})),
                (select max(date) from {{ ref("calendar") }}) + interval 400 day,
                interval 1 day
            ) as r(day)
    ),
    planned as (
        select 'sp500' as index_id, day as planned_date
        from days
        where weekday = 5 and nth = 3 and month in (3, 6, 9, 12)
        union all
        select 'nasdaq100', day
        from days
        where weekday = 5 and nth = 3 and month = 12
        union all
        select 'russell', day
        from days
        where weekday = 5 and (nth = 4 and month = 6 or nth = 2 and month = 11 and year >= 2026)
        union all
        select 'msci', coalesce(l.event_date, d.day)
        from (select max(day) as day from days where weekday <= 5 and month in (2, 5, 8, 11) group by year, month) as d
        left join {{ ref("rebalance_dates") }} as l on l.index_id = 'msci' and l.month_from = date_trunc('month', d.day)
    ),
    sessions as (
        select date as session_date, close_at, row_number() over (order by date) as session_no
        from {{ ref("calendar") }}
        where is_session
    ),
    placed as (
        select
            p.index_id,
            p.planned_date,
            p.planned_date <= (select max(date) from {{ ref("calendar") }}) as is_in_calendar,
            s.session_date,
            s.session_no,
            s.close_at
        from planned as p
        asof left join sessions as s on s.session_date <= p.planned_date
    )
select
    index_id,
    planned_date,
    case
        when is_in_calendar
        then session_date
        when extract(month from planned_date) = 6 and extract(day from planned_date) in (18, 19)
        then planned_date - 1
        else planned_date
    end as event_date,
    case when is_in_calendar then session_no end as session_no,
    case when is_in_calendar then close_at end as closes_at,
    case
        when is_in_calendar
        then session_date <> planned_date
        else extract(month from planned_date) = 6 and extract(day from planned_date) in (18, 19)
    end as is_moved
from placed
order by event_date, index_id
