-- The sectors breadth and leadership are cut by.
select s.sector_id, s.name, s.is_cyclical, s.sort_order, n.snapshot_at as known_at
from {{ ref("sectors") }} as s
inner join {{ ref("int_calendar") }} as n on n.is_latest
order by s.sort_order
