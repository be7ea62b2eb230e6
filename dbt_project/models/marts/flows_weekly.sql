-- Fund flows by category and complete week, with z-score over the 52 weeks before and persistence (FL02, FL04).
with
    weekly as (
        select
            f.fund_category as category,
            c.week_end,
            f.source,
            sum(cast(round(f.net_flow_usd * 100) as hugeint)) / 100.0 as net_flow_usd,
            sum(cast(round(f.aum_before) as hugeint)) filter (where f.is_first) as aum_before,
            count(f.net_flow_usd) as n_flows
        from
            (
                select *, row_number() over (partition by instrument_id, w order by as_of_date) = 1 as is_first
                from (select *, date_trunc('week', session_date) as w from {{ ref("int_fund_flows") }})
            ) as f
        inner join {{ ref("int_calendar") }} as c on c.session_date = f.session_date
        where f.fund_category is not null
        group by f.fund_category, c.week_end, f.source
    ),
    scored as (
        select
            w.*,
            count(*) over before_ as n_before,
            avg(cast(net_flow_usd as double)) over before_ as mean_52,
            stddev_samp(cast(net_flow_usd as double)) over before_ as sd_52,
            count(*) over last_12 as n_12,
            count(*) filter (where net_flow_usd > 0) over last_12 as positive_12
        from weekly as w
        window
            before_ as (partition by category, source order by week_end rows between 52 preceding and 1 preceding),
            last_12 as (partition by category, source order by week_end rows between 11 preceding and current row)
    )
select
    s.category,
    s.week_end,
    s.source,
    s.week_end as session_date,
    round(cast(s.net_flow_usd as double), 2) as net_flow_usd,
    round(100 * cast(s.net_flow_usd as double) / nullif(cast(s.aum_before as double), 0), 6) as net_flow_pct_aum,
    case
        when s.n_before = 52 and s.sd_52 > 1e-12 then round((cast(s.net_flow_usd as double) - s.mean_52) / s.sd_52, 6)
    end as z_52w,
    case when s.n_12 = 12 then s.positive_12 end as persistence_12w,
    case when s.n_flows = 0 then 'WARMUP' else 'OK' end as status,
    case
        when s.n_before < 52 or s.n_flows = 0 then 'WARMUP' when not s.sd_52 > 1e-12 then 'UNDEFINED' else 'OK'
    end as status_z,
    c.snapshot_at as known_at
from scored as s
-- the running week has no row: int_calendar holds its last session only once it has passed
inner join {{ ref("int_calendar") }} as c on c.session_date = s.week_end
order by s.week_end, s.category
