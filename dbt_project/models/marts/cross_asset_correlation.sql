-- Rolling correlations with Fisher intervals, once per pair, window, alignment and lag; the 60-session one has a
-- regime.
select
    c.session_date,
    c.asset_x,
    c.asset_y,
    c.window_sessions,
    c.alignment,
    c.lag_sessions,
    c.correlation,
    c.ci_low,
    c.ci_high,
    c.n_obs,
    case when c.window_sessions = 60 then g.regime end as regime,
    case when c.window_sessions = 60 then c.status else 'NOT_AVAILABLE' end as status_regime,
    c.window_end,
    c.is_default,
    c.status,
    c.known_at
from {{ ref("int_correlations") }} as c
left join
    {{ ref("int_correlation_regimes") }} as g
    on g.asset_x = c.asset_x
    and g.asset_y = c.asset_y
    and g.alignment = c.alignment
    and g.lag_sessions = c.lag_sessions
    and g.session_date = c.session_date
