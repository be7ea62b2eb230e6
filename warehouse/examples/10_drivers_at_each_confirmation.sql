-- Which drivers pointed up on the evening each rally was confirmed?
-- Trap: a driver that abstains has no score. An average that reads NULL as 0 calls silence neutral.
SELECT e.up_confirmed_date, count(s.score) AS scored, count(*) FILTER (s.direction = 'bullish') AS up,
    count(*) FILTER (s.direction = 'bearish') AS down, count(*) - count(s.score) AS silent,
    string_agg(d.short_name, ', ' ORDER BY d.sort_order) FILTER (s.direction = 'bullish') AS pointed_up
FROM marts.rally_episodes e
JOIN marts.dim_instrument i ON i.instrument_id = e.index_id AND i.role = 'headline'
JOIN marts.driver_scorecard s ON s.session_date = e.up_confirmed_date
JOIN marts.dim_driver d USING (driver_id)
WHERE e.is_default AND d.role = 'driver'
GROUP BY e.up_confirmed_date
ORDER BY e.up_confirmed_date;
