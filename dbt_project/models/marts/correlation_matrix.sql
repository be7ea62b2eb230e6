-- The canonical correlations of every pair in both directions, with the slope of asset_y on asset_x (XA04, XA12).
select
    session_date,
    asset_x as asset_x,
    asset_y as asset_y,
    window_sessions,
    alignment,
    lag_sessions,
    correlation,
    ci_low,
    ci_high,
    r2,
    beta_of_y as beta,
    beta_ci_low_of_y as beta_ci_low,
    beta_ci_high_of_y as beta_ci_high,
    up_beta_of_y as up_beta,
    n_up_of_y as n_up,
    status_up_of_y as status_up_beta,
    down_beta_of_y as down_beta,
    n_down_of_y as n_down,
    status_down_of_y as status_down_beta,
    n_obs,
    window_end,
    status,
    known_at
from {{ ref("int_correlations") }}
where is_default
union all
select
    session_date,
    asset_y as asset_x,
    asset_x as asset_y,
    window_sessions,
    alignment,
    lag_sessions,
    correlation,
    ci_low,
    ci_high,
    r2,
    beta_of_x as beta,
    beta_ci_low_of_x as beta_ci_low,
    beta_ci_high_of_x as beta_ci_high,
    up_beta_of_x as up_beta,
    n_up_of_x as n_up,
    status_up_of_x as status_up_beta,
    down_beta_of_x as down_beta,
    n_down_of_x as n_down,
    status_down_of_x as status_down_beta,
    n_obs,
    window_end,
    status,
    known_at
from {{ ref("int_correlations") }}
where is_default
