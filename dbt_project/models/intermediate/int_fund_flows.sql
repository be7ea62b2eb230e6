-- Net flow of each fund per day (FL01): change of shares outstanding, splits taken out, times net asset value, from
-- first figures. A day without shares has no flow; the next day that has them books the whole change and says over how
-- many sessions (n_days). session_date is the first session at whose snapshot both ends of the change were public.
with
    days as (
        select
            *, max(known_at) over (partition by instrument_id order by as_of_date rows unbounded preceding) as public_at
        from {{ ref("int_fund_days") }}
    ),
    held as (
        select
            instrument_id,
            as_of_date,
            lag(as_of_date) over own as date_before,
            lag(shares_outstanding) over own as shares_before,
            lag(nav) over own as nav_before,
            lag(total_net_assets) over own as assets_before
        from days
        where shares_outstanding is not null
        window own as (partition by instrument_id order by as_of_date)
    ),
    splits as (
        select h.instrument_id, h.as_of_date, list_product(list(a.value order by a.ex_date)) as ratio
        from held as h
        inner join
            {{ ref("int_corporate_actions") }} as a
            on a.instrument_id = h.instrument_id
            and a.action = 'split'
            and a.ex_date > h.date_before
            and a.ex_date <= h.as_of_date
        group by h.instrument_id, h.as_of_date
    ),
    flows as (
        select
            d.*,
            h.date_before,
            h.shares_before,
            h.nav_before,
            h.assets_before,
            coalesce(s.ratio, 1) as split_ratio,
            d.shares_outstanding - coalesce(s.ratio, 1) * h.shares_before as shares_change
        from days as d
        left join held as h on h.instrument_id = d.instrument_id and h.as_of_date = d.as_of_date
        left join splits as s on s.instrument_id = d.instrument_id and s.as_of_date = d.as_of_date
    ),
    placed as (
        select f.*, n.session_no as observed_no, b.session_no as before_no
        from flows as f
        asof left join
            (select session_date, session_no from {{ ref("int_calendar") }}) as n on n.session_date <= f.as_of_date
        asof left join
            (select session_date, session_no from {{ ref("int_calendar") }}) as b on b.session_date <= f.date_before
    )
select
    f.instrument_id,
    f.fund_category,
    f.as_of_date,
    c.session_date,
    c.session_no,
    f.date_before,
    case when f.shares_change is not null then greatest(f.observed_no - f.before_no, 1) end as n_days,
    f.nav,
    f.shares_outstanding,
    f.total_net_assets,
    f.nav * f.shares_outstanding as aum,
    f.shares_before * f.split_ratio * f.nav as aum_before,
    f.shares_change * f.nav as net_flow_usd,
    -- what the reported assets say of the same flow: their change beyond that of the net asset value
    f.total_net_assets - f.assets_before * (f.nav * f.split_ratio / nullif(f.nav_before, 0)) as flow_by_assets_usd,
    f.source,
    f.public_at as known_at
from placed as f
asof join {{ ref("int_calendar") }} as c on c.snapshot_at >= f.public_at
order by f.as_of_date, f.instrument_id
