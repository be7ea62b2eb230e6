-- The total-return factor of each instrument at its newest bar: what `close_adj_final` is adjusted to. It moves with
-- every payout, so a table that shows it is made whole then.
select instrument_id, arg_max(tr_factor, session_date) as tr_factor
from {{ ref("int_prices") }}
group by instrument_id
order by instrument_id
