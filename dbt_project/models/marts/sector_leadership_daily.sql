-- Which sectors lead, per sector and session. The rotation map is that of the last week that was over (week_end).
select
    l.sector_id,
    l.session_date,
    {{ one_zero("round(100 * l.return_20d, 6)") }} as return_20d,
    {{ one_zero("round(100 * l.strength_20d, 6)") }} as relative_strength_20d,
    cast(l.rank_20d as integer) as rank_20d,
    l.week_end,
    round(l.rotation_x, 6) as rotation_x,
    round(l.rotation_y, 6) as rotation_y,
    l.rotation_quadrant,
    case when l.status_changes = 'OK' then cast(l.quadrant_changes_4w as integer) end as quadrant_changes_4w,
    l.status_return,
    l.status_strength,
    l.status_rank,
    l.status_rotation,
    l.status_changes,
    coalesce(
        greatest(l.known_at_strength, l.known_at_rank, l.known_at_rotation, l.known_at_changes), c.snapshot_at
    ) as known_at
from {{ ref("int_sector_leadership") }} as l
inner join {{ ref("int_calendar") }} as c on c.session_no = l.session_no
