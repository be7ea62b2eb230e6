-- What each driver's score is made of: every reading of the driver in that session, scored or not. Entities of one
-- reading (sectors, for instance) share its weight, so that a reading counts once however many it speaks of.
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
inner join {{ ref("indicators") }} as i on i.reading_id = r.reading_id
