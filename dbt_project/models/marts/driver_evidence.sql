-- What each driver's score is made of: every reading of the driver in that session, scored or not.
select
    i.driver_id,
    r.session_date,
    r.reading_id,
    r.entity_id,
    r.value,
    r.percentile_5y,
    r.direction,
    i.weight,
    r.status,
    r.known_at
from {{ ref("indicator_readings") }} as r
inner join {{ ref("indicators") }} as i on i.reading_id = r.reading_id
