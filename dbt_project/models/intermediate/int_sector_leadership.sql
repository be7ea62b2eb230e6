-- Where each sector stands on each session: its return, its lead over the broad fund, its rank, and its place on
-- the rotation map as of the last week that was over.
with
    returns as (select * from {{ ref("int_fund_returns") }} where span = 20),
    expected as (select count(*) as n_sectors from {{ ref("int_instruments") }} where role = 'sector_etf'),
    ranked as (
        select
            s.*,
            b.total_return as broad_return,
            coalesce(b.status, 'WARMUP') as status_broad,
            greatest(s.known_at, b.known_at) as known_at_strength,
            count(s.total_return) over (partition by s.session_no) as sectors_used,
            rank() over (partition by s.session_no order by round(s.total_return, 12) desc nulls last) as place,
            max(s.known_at) over (partition by s.session_no) as known_at_rank
        from returns as s
        left join returns as b on b.session_no = s.session_no and b.role = 'broad_etf'
        where s.role = 'sector_etf'
    )
select
    r.sector_id,
    r.session_no,
    r.session_date,
    r.total_return as return_20d,
    r.status as status_return,
    r.total_return - r.broad_return as strength_20d,
    case when r.status <> 'OK' then r.status else r.status_broad end as status_strength,
    case when r.status = 'OK' and r.sectors_used = e.n_sectors then r.place end as rank_20d,
    case
        when r.status <> 'OK' then r.status when r.sectors_used < e.n_sectors then 'LOW_COVERAGE' else 'OK'
    end as status_rank,
    r.sectors_used,
    e.n_sectors as sectors_expected,
    w.week_end,
    w.x as rotation_x,
    w.y as rotation_y,
    w.quadrant as rotation_quadrant,
    coalesce(w.status, 'WARMUP') as status_rotation,
    coalesce(w.weeks_used, 0) as weeks_used,
    w.quadrant_changes_4w,
    coalesce(w.status_changes, 'WARMUP') as status_changes,
    coalesce(w.quadrants_used, 0) as quadrants_used,
    r.known_at as known_at_return,
    r.known_at_strength,
    r.known_at_rank,
    w.known_at as known_at_rotation,
    w.known_at_changes
from ranked as r
cross join expected as e
asof left join {{ ref("int_sector_rotation") }} as w on w.sector_id = r.sector_id and w.over_from <= r.session_date
order by r.session_no, r.sector_id
