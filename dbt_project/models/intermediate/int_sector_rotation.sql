-- Rotation map of the sectors, one row per sector and week that is over (LC02): relative strength RS = 100 x
-- sector fund over broad fund on total-return levels; X = 100 + (RS - mean) / deviation of the last 14 weeks; Y is
-- the same of the percent change of X. Told from the 28th week of a stretch on; a value of exactly 100 is not
-- above it.
with
    weekly as (
        select
            s.sector_id,
            w.week_end,
            w.over_from,
            100 * s.level / b.level as rs,
            s.stretch as sector_stretch,
            b.stretch as broad_stretch,
            case when s.status <> 'OK' then s.status else b.status end as status_rs,
            greatest(s.known_at, b.known_at) as known_at
        from {{ ref("int_weeks") }} as w
        inner join {{ ref("int_fund_levels") }} as s on s.session_no = w.end_no and s.role = 'sector_etf'
        inner join {{ ref("int_fund_levels") }} as b on b.session_no = w.end_no and b.role = 'broad_etf'
    ),
    -- statistics of lists are taken in the order of the weeks, so they do not depend on what comes later
    positioned as (
        select
            *,
            row_number() over stretch as weeks_held,
            case
                when count(rs) over last_14 = 14 and list_stddev_samp(list(rs) over last_14) > 1e-12
                then 100 + (rs - list_avg(list(rs) over last_14)) / list_stddev_samp(list(rs) over last_14)
            end as x
        from weekly
        window
            stretch as (partition by sector_id, sector_stretch, broad_stretch order by week_end),
            last_14 as (
                partition by sector_id, sector_stretch, broad_stretch
                order by week_end
                rows between 13 preceding and current row
            )
    ),
    paced as (
        select
            *,
            100
            * (x / lag(x) over (partition by sector_id, sector_stretch, broad_stretch order by week_end) - 1) as pace
        from positioned
    ),
    turned as (
        select
            *,
            case
                when count(pace) over last_14 = 14 and list_stddev_samp(list(pace) over last_14) > 1e-12
                then 100 + (pace - list_avg(list(pace) over last_14)) / list_stddev_samp(list(pace) over last_14)
            end as y,
            count(rs) over last_28 as weeks_used,
            max(known_at) over last_28 as known_28
        from paced
        window
            last_14 as (
                partition by sector_id, sector_stretch, broad_stretch
                order by week_end
                rows between 13 preceding and current row
            ),
            last_28 as (
                partition by sector_id, sector_stretch, broad_stretch
                order by week_end
                rows between 27 preceding and current row
            )
    ),
    judged as (
        select
            * exclude (known_at),
            case
                when status_rs <> 'OK'
                then status_rs
                when weeks_held < 28
                then 'WARMUP'
                when weeks_used < 28
                then 'LOW_COVERAGE'
                when y is null
                then 'UNDEFINED'
                else 'OK'
            end as status,
            known_28 as known_at
        from turned
    ),
    placed as (
        select
            *,
            case
                when status <> 'OK'
                then null
                when x > 100 and y > 100
                then 'leading'
                when x > 100
                then 'weakening'
                when y > 100
                then 'improving'
                else 'lagging'
            end as quadrant
        from judged
    ),
    moved as (
        select
            *,
            case
                when
                    quadrant
                    <> lag(quadrant) over (partition by sector_id, sector_stretch, broad_stretch order by week_end)
                then 1
                else 0
            end as has_moved
        from placed
    )
select
    sector_id,
    week_end,
    over_from,
    rs,
    -- nothing is computed of these any more
    case when status = 'OK' then round(x, 9) end as x,
    case when status = 'OK' then round(y, 9) end as y,
    quadrant,
    status,
    weeks_used,
    sum(has_moved) over last_4 as quadrant_changes_4w,
    count(quadrant) over last_5 as quadrants_used,
    case
        when status <> 'OK'
        then status
        when weeks_held < 32
        then 'WARMUP'
        when count(quadrant) over last_5 < 5
        then 'LOW_COVERAGE'
        else 'OK'
    end as status_changes,
    max(known_at) over last_5 as known_at_changes,
    known_at
from moved
window
    last_4 as (
        partition by sector_id, sector_stretch, broad_stretch order by week_end rows between 3 preceding and current row
    ),
    last_5 as (
        partition by sector_id, sector_stretch, broad_stretch order by week_end rows between 4 preceding and current row
    )
order by week_end, sector_id
