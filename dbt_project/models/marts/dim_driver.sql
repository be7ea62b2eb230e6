-- The drivers an advance can have, and the families that only confirm.
select d.driver_id, d.name, d.short_name, d.role, d.sort_order, d.description, n.snapshot_at as known_at
from {{ ref("drivers") }} as d
inner join {{ ref("int_calendar") }} as n on n.is_latest
order by d.sort_order
