-- Who belonged to which universe from when to when (valid_to is the first day outside), as known at the newest session.
select
    m.universe_id,
    m.instrument_id,
    m.valid_from,
    m.valid_to,
    m.announced_at,
    m.source,
    m.is_point_in_time,
    n.session_date as built_for_session,
    m.known_at
from {{ ref("int_membership") }} as m
inner join {{ ref("int_calendar") }} as n on n.is_latest
order by m.universe_id, m.instrument_id, m.valid_from
