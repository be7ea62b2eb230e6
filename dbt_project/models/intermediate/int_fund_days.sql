-- What each fund reported per day, from the one vendor that speaks for it (the iShares file, else SSGA's), first
-- figures only. Shares may be missing on a day; nothing is carried forward. A day that came later than the day after it
-- is left out: that day has booked the whole change by then, and a session told is not told anew.
with
    funds as (
        select d.vendor, d.id, i.instrument_id, i.fund_category
        from {{ ref("instrument_ids") }} as d
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = d.instrument_id
        where d.world = '{{ var("world") }}'
    ),
    ishares as (
        select
            i.instrument_id,
            i.fund_category,
            f.source,
            f.as_of_date,
            f.nav,
            f.shares_outstanding,
            cast(null as double) as total_net_assets,
            f.known_at
        from {{ ref("stg_ishares_fund_history") }} as f
        inner join funds as i on i.vendor = 'ishares' and i.id = f.product_id
        where f.version_no = 1
    ),
    ssga as (
        select
            i.instrument_id,
            i.fund_category,
            f.source,
            f.as_of_date,
            f.nav,
            f.shares_outstanding,
            f.total_net_assets,
            f.known_at
        from {{ ref("stg_ssga_nav_history") }} as f
        inner join funds as i on i.vendor = 'ssga' and i.id = f.ticker
        where
            f.version_no = 1
            and i.instrument_id not in (select o.instrument_id from funds as o where o.vendor = 'ishares')
    )
select
    instrument_id,
    fund_category,
    source,
    as_of_date,
    nav,
    case when shares_outstanding > 0 then shares_outstanding end as shares_outstanding,
    case when total_net_assets > 0 then total_net_assets end as total_net_assets,
    known_at
from
    (
        select *
        from ishares
        union all by name
        select *
        from ssga
    )
where nav > 0
qualify {{ came_in_order("instrument_id", "as_of_date") }}
order by as_of_date, instrument_id
