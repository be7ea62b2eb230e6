-- The macro series held, with their terms.
select
    s.series_id,
    s.name,
    s.unit,
    s.frequency,
    s.source,
    s.revision_kind,
    s.lag_rule,
    s.when_suspect,
    s.licence_note,
    c.snapshot_at as known_at
from {{ ref("series") }} as s
cross join {{ ref("int_calendar") }} as c
where c.is_latest
order by s.series_id
