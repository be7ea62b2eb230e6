-- What each fund reported of a session, and the session that knew it first. Only what decides about a price step.
select f.instrument_id, c.session_no, f.nav, f.shares_outstanding, k.session_no as known_no
from {{ ref("int_fund_days") }} as f
inner join {{ ref("int_calendar") }} as c on c.session_date = f.as_of_date
asof join {{ ref("int_calendar") }} as k on k.snapshot_at >= f.known_at
order by f.instrument_id, c.session_no
