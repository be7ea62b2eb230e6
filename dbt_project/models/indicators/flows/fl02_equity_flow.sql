-- FL02: net flow into US equity funds over 20 sessions, as a percentage of assets at the start. A session without a new
-- figure adds nothing; when the newest figure is older than 3 sessions the reading abstains.
with
    daily as (
        select
            session_no,
            sum(cast(round(net_flow_usd * 100) as hugeint)) as flow_cents,
            max(as_of_date) as as_of_date,
            max(known_at) as known_at
        from {{ ref("int_fund_flows") }}
        where fund_category = 'equity_us' and net_flow_usd is not null
        group by session_no
    ),
    assets as (
        select session_no, sum(cast(round(aum_before) as hugeint)) as aum
        from {{ ref("int_fund_flows") }}
        where fund_category = 'equity_us' and net_flow_usd is not null
        group by session_no
    ),
    spine as (
        select c.session_no, c.session_date, c.snapshot_at
        from {{ ref("int_calendar") }} as c
        where c.session_no >= (select min(session_no) from daily)
    ),
    summed as (
        select
            s.session_no,
            s.session_date,
            s.snapshot_at,
            sum(d.flow_cents) over last_20 as flow_cents,
            count(d.flow_cents) over last_20 as n_used,
            first_value(a.aum ignore nulls) over last_20 as aum,
            max(d.as_of_date) over (order by s.session_no rows unbounded preceding) as as_of_date,
            max(d.known_at) over (order by s.session_no rows unbounded preceding) as known_at,
            s.session_no - max(d.session_no) over (order by s.session_no rows unbounded preceding) as age,
            row_number() over (order by s.session_no) as held
        from spine as s
        left join daily as d on d.session_no = s.session_no
        left join assets as a on a.session_no = s.session_no
        window last_20 as (order by s.session_no rows between 19 preceding and current row)
    ),
    readings as (
        select
            'FL02_equity_20' as reading_id,
            'equity_us' as entity_id,
            session_date,
            as_of_date as obs_period,
            flow_cents / nullif(cast(aum as double), 0) as value,
            case
                when age > 3
                then 'STALE_INPUT'
                when held < 20
                then 'WARMUP'
                when n_used < 18
                then 'LOW_COVERAGE'
                else 'OK'
            end as status,
            n_used,
            20 as n_expected,
            known_at
        from summed
    )
    {{ readings("readings", "FL02") }}
