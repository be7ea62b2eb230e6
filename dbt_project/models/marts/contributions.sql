-- What each stock added to the headline index over each window, in percentage points of the index's price return.
-- The whole and what is left stand in contribution_windows, never here.
select
    index_id,
    window_id,
    session_date,
    instrument_id,
    window_start,
    round(weight_start, 9) as weight_start,
    weight_source,
    {{ one_zero("round(100 * contribution, 9)") }} as contribution_pp,
    known_at
from {{ ref("int_window_contributions") }}
order by session_date, window_id, instrument_id
