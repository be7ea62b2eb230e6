-- Forecasts of earnings per share as this home saw them: one row per company, fiscal period and asking. There is no
-- history before the first asking.
with symbols as (select * from {{ ref("instrument_symbols") }} where world = '{{ var("world") }}')
select
    coalesce(y.instrument_id, 'EQ:' || f.symbol) as instrument_id,
    f.period_kind,
    f.fiscal_end,
    case when f.period_kind = 'quarter' then {{ fiscal_quarter("f.fiscal_end") }} end as fiscal_quarter,
    f.asked_on,
    c.session_no as asked_no,
    f.consensus_eps,
    f.high_eps,
    f.low_eps,
    f.n_estimates,
    f.revised_up,
    f.revised_down,
    f.known_at
from {{ ref("stg_nasdaq_forecast") }} as f
left join symbols as y on y.symbol = f.symbol and {{ holds_at("y", "f.asked_on") }}
asof join {{ ref("int_calendar") }} as c on c.session_date <= f.asked_on
order by f.asked_on, instrument_id, f.period_kind, f.fiscal_end
