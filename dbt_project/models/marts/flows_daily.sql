-- Fund flows by the session that first knew them. Several observations that became known together are one row.
with
    summed as (
        select
            instrument_id,
            fund_category,
            session_date,
            session_no,
            source,
            max(as_of_date) as observed_date,
            count(*) as n_days,
            sum(cast(round(net_flow_usd * 100) as hugeint)) / 100.0 as net_flow_usd,
            count(net_flow_usd) as n_flows,
            max_by(shares_outstanding, as_of_date) as shares_outstanding,
            max_by(nav, as_of_date) as nav,
            max_by(aum, as_of_date) as aum,
            min_by(aum_before, as_of_date) as aum_before,
            max(known_at) as known_at
        from {{ ref("int_fund_flows") }}
        group by instrument_id, fund_category, session_date, session_no, source
    ),
    sized as (select *, net_flow_usd / nullif(aum_before, 0) as share from summed)
select
    s.instrument_id,
    s.session_date,
    s.source,
    s.fund_category,
    s.observed_date,
    s.n_days,
    round(cast(s.net_flow_usd as double), 2) as net_flow_usd,
    s.shares_outstanding,
    s.nav,
    round(s.aum, 2) as aum,
    -- a share count that jumps by a fifth in a day is more often a vendor's slip than a flow
    coalesce(abs(s.share) > 0.2, false) as is_suspect,
    -- in and out again within three sessions by more than 5 % of assets: known on the day it is undone
    coalesce(abs(s.share) > 0.05, false)
    and exists (
        select 1
        from sized as b
        where
            b.instrument_id = s.instrument_id
            and b.session_no between s.session_no - 3 and s.session_no - 1
            and abs(b.share) > 0.05
            and sign(b.share) <> sign(s.share)
    ) as is_heartbeat,
    case when s.n_flows = 0 then 'WARMUP' else 'OK' end as status,
    c.snapshot_at as known_at
from sized as s
inner join {{ ref("int_calendar") }} as c on c.session_date = s.session_date
order by s.session_date, s.instrument_id
