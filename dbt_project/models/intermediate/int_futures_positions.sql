-- Net positions of asset managers and of leveraged funds in index futures, percent of open interest, as known at each
-- session: the newest report that was out, first figures, spreads left out. Each report is compared with those of the
-- 156 weeks before it (z) and of the 156 weeks that end with it (percentile); a week without a report leaves both
-- empty, because 156 others would be another span. A report that came after the next one is left out. One counts for
-- 14 days: on time the newest is at most 13 days old, so the reports of a shutdown are stale until they have been made
-- up.
{% set weeks = 156 %}
with
    reported as (
        select
            contract_code,
            report_date,
            open_interest,
            known_at,
            asset_manager_long - asset_manager_short as assets,
            leveraged_long - leveraged_short as leveraged
        from {{ ref("stg_cftc_tff") }}
        where version_no = 1 and open_interest > 0
        qualify {{ came_in_order("contract_code", "report_date") }}
    ),
    sided as (
        select
            contract_code,
            trader,
            report_date,
            date_diff('week', date '2000-01-03', report_date) as week_no,
            100 * contracts / open_interest as net_pct,
            known_at
        from reported unpivot (contracts for trader in (assets, leveraged))
    ),
    compared as (
        select
            *,
            min(week_no) over own as first_week,
            count(*) over before_ as n_before,
            avg(net_pct) over before_ as mean_before,
            stddev_samp(net_pct) over before_ as deviation_before,
            count(*) over past as n_past,
            rank(order by net_pct) over past - 1 as below,
            rank(order by net_pct desc) over past - 1 as above
        from sided
        window
            own as (partition by contract_code, trader),
            before_ as (
                partition by contract_code, trader order by week_no range between {{ weeks }} preceding and 1 preceding
            ),
            past as (
                partition by contract_code, trader
                order by week_no range between {{ weeks - 1 }} preceding and current row
            )
    ),
    judged as (
        select
            contract_code,
            trader,
            report_date,
            net_pct,
            (net_pct - mean_before) / nullif(deviation_before, 0) as z,
            100 * (below + 0.5 * (n_past - below - above)) / n_past as percentile,
            n_before,
            n_past,
            case
                when n_before = {{ weeks }}
                then case when deviation_before > 1e-12 then 'OK' else 'UNDEFINED' end
                when first_week > week_no - {{ weeks }}
                then 'WARMUP'
                else 'LOW_COVERAGE'
            end as status_z,
            case
                when n_past = {{ weeks }}
                then 'OK'
                when first_week > week_no - {{ weeks - 1 }}
                then 'WARMUP'
                else 'LOW_COVERAGE'
            end as status_percentile,
            known_at
        from compared
    ),
    known as (
        select
            c.session_date,
            c.session_no,
            j.*,
            case when c.session_date - j.report_date <= 14 then 'OK' else 'STALE_INPUT' end as status
        from (select distinct contract_code, trader from judged) as s
        cross join {{ ref("int_calendar") }} as c
        asof inner join
            judged as j on j.contract_code = s.contract_code and j.trader = s.trader and j.known_at <= c.snapshot_at
    )
select
    contract_code,
    trader,
    session_date,
    session_no,
    report_date,
    net_pct,
    case when status_z = 'OK' then z end as z,
    case when status_percentile = 'OK' then percentile end as percentile,
    n_before,
    n_past,
    status,
    case when status <> 'OK' then status else status_z end as status_z,
    case when status <> 'OK' then status else status_percentile end as status_percentile,
    known_at
from known
order by session_no, contract_code, trader
