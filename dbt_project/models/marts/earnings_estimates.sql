-- Forecasts of earnings per share as this home saw them, from the first day it asked: nobody can ask for older ones.
select
    f.instrument_id,
    f.fiscal_end,
    f.period_kind,
    c.session_date,
    f.consensus_eps,
    f.high_eps as high,
    f.low_eps as low,
    f.n_estimates,
    f.revised_up as up_4w,
    f.revised_down as down_4w,
    f.known_at
from {{ ref("int_forecasts") }} as f
inner join {{ ref("int_calendar") }} as c on c.session_no = f.asked_no
-- a stock that was never in an index has no name here
inner join {{ ref("int_instruments") }} as i on i.instrument_id = f.instrument_id
order by c.session_date, f.instrument_id, f.period_kind, f.fiscal_end
