-- How did bitcoin move with the index, year by year?
-- Trap: a pair has a row per window, alignment and lag; is_default marks the one to read. Rolling windows overlap, so a
-- mean over a year counts each day up to 252 times: take the window that ends with the year.
SELECT year(c.session_date) AS year, c.correlation, c.ci_low, c.ci_high, c.n_obs, x.name AS index_name, y.instrument_id
FROM marts.cross_asset_correlation c
JOIN marts.dim_asset x ON x.asset_id = c.asset_x
JOIN marts.dim_asset y ON y.asset_id = c.asset_y
JOIN marts.dim_instrument i ON i.instrument_id = x.instrument_id AND i.role = 'headline'
WHERE c.is_default AND c.window_sessions = 252 AND y.instrument_id = 'CR:BTC' AND c.status = 'OK'
QUALIFY row_number() OVER (PARTITION BY year(c.session_date) ORDER BY c.session_date DESC) = 1
ORDER BY year;
