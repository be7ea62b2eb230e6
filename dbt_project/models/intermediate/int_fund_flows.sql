-- Net flow of each fund per observation: change of shares outstanding (split-adjusted) times net asset value (FL01),
-- from
-- first figures. session_date is the first session at whose snapshot both figures of the change were public.
with
    held as (
        select
            i.instrument_id,
            i.fund_category,
            f.as_of_date,
            f.nav,
            f.shares_outstanding,
            f.source,
            max(f.known_at) over (
                partition by i.instrument_id order by f.as_of_date rows unbounded preceding
            ) as known_at
        from {{ ref("stg_ishares_fund_history") }} as f
        inner join {{ ref("int_instruments") }} as i on i.ishares_product_id = f.product_id
        where f.version_no = 1 and f.nav > 0 and f.shares_outstanding > 0
    ),
    splits as (
        select h.instrument_id, h.as_of_date, list_product(list(a.value order by a.ex_date)) as ratio
        from
            (
                select
                    instrument_id,
                    as_of_date,
                    lag(as_of_date) over (partition by instrument_id order by as_of_date) as before
                from held
            ) as h
        inner join
            {{ ref("int_corporate_actions") }} as a
            on a.instrument_id = h.instrument_id
            and a.action = 'split'
            and a.ex_date > h.before
            and a.ex_date <= h.as_of_date
        group by h.instrument_id, h.as_of_date
    ),
    flows as (
        select
            h.*,
            lag(h.as_of_date) over own as date_before,
            lag(h.shares_outstanding) over own as shares_before,
            coalesce(s.ratio, 1) as split_ratio,
            h.shares_outstanding - coalesce(s.ratio, 1) * lag(h.shares_outstanding) over own as shares_change
        from held as h
        left join splits as s on s.instrument_id = h.instrument_id and s.as_of_date = h.as_of_date
        window own as (partition by h.instrument_id order by h.as_of_date)
    )
select
    f.instrument_id,
    f.fund_category,
    f.as_of_date,
    c.session_date,
    c.session_no,
    f.date_before,
    f.nav,
    f.shares_outstanding,
    f.nav * f.shares_outstanding as aum,
    f.shares_before * f.split_ratio * f.nav as aum_before,
    f.shares_change * f.nav as net_flow_usd,
    f.source,
    f.known_at
from flows as f
asof join {{ ref("int_calendar") }} as c on c.snapshot_at >= f.known_at
order by f.as_of_date, f.instrument_id
