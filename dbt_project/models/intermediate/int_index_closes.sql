-- Closes of the indices on sessions, as integer ticks: the input of the rally state machine.
select instrument_id as index_id, session_date, session_no, close, close_ticks, known_at
from {{ ref("int_prices") }}
where asset_class = 'index'
order by index_id, session_date
