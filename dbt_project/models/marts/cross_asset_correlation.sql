-- Rolling correlations with Fisher intervals, once per pair, window and lag.
select * from {{ ref("int_correlations") }} order by session_date, asset_x, asset_y, window_sessions, lag_sessions
