-- Fund flows by the session that first knew them. Several observations that became known together are one row. A
-- suspect one has no flow until a later report confirms it; that report's row books the whole change.
select
    s.instrument_id,
    s.session_date,
    s.source,
    s.fund_category,
    s.observed_date,
    cast(s.n_days as bigint) as n_days,
    round(s.flow_cents / 100.0, 2) as net_flow_usd,
    s.shares_outstanding,
    s.nav,
    round(s.aum, 2) as aum,
    s.is_suspect,
    s.is_heartbeat,
    case
        when s.n_flows > 0
        then 'OK'
        when s.is_suspect
        then 'SUSPECT_INPUT'
        when s.shares_outstanding is null
        then 'NOT_PUBLISHED'
        else 'WARMUP'
    end as status,
    c.snapshot_at as known_at
from {{ ref("int_fund_sessions") }} as s
inner join {{ ref("int_calendar") }} as c on c.session_date = s.session_date
order by s.session_date, s.instrument_id
