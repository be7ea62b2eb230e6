-- Which sector funds led since the low of the newest rally?
-- Trap: close is as traded: a dividend or a split looks like a fall. close_tr has both in it; its level means nothing, so
-- compare it only with itself.
WITH low AS (
    SELECT e.trough_date
    FROM marts.rally_episodes e
    JOIN marts.dim_instrument i ON i.instrument_id = e.index_id AND i.role = 'headline'
    WHERE e.is_default
    ORDER BY e.trough_date DESC
    LIMIT 1
)
SELECT s.name AS sector, s.is_cyclical, low.trough_date, round(100 * (arg_max(m.close_tr, m.session_date)
    / arg_min(m.close_tr, m.session_date) - 1), 2) AS total_return_pct
FROM marts.market_daily m
JOIN marts.dim_instrument i USING (instrument_id)
JOIN marts.dim_sector s USING (sector_id)
CROSS JOIN low
WHERE i.role = 'sector_etf' AND m.session_date >= low.trough_date AND m.close_tr IS NOT NULL
GROUP BY ALL
ORDER BY total_return_pct DESC;
