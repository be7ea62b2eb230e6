-- What each driver's score is made of: the readings of the driver that have a weight, in that session (all readings
-- stand in indicator_readings). Entities of one reading (sectors, for instance) share its weight, so that a reading
-- counts once however many it speaks of.
select
    i.driver_id,
    r.session_date,
    r.reading_id,
    r.entity_id,
    r.value,
    r.unit,
    r.percentile_5y,
    r.direction,
    round(i.weight / count(*) over (partition by r.reading_id, r.session_date), 9) as weight,
    r.status,
    coalesce(r.is_reconstructed, false) as is_reconstructed,
    r.known_at
from {{ ref("indicator_readings") }} as r
inner join {{ ref("indicators") }} as i on i.reading_id = r.reading_id and i.weight > 0
