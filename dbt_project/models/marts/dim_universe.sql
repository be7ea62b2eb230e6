-- The universes of this world and the floors under which their counts are withheld.
select
    u.universe_id,
    u.name,
    u.is_point_in_time,
    u.feeds_scores,
    u.is_default,
    u.coverage_floor,
    u.history_coverage_floor,
    u.min_sector_members,
    n.snapshot_at as known_at
from {{ ref("universes") }} as u
inner join {{ ref("int_calendar") }} as n on n.is_latest
where u.world = '{{ var("world") }}'
order by u.universe_id
