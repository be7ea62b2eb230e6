-- How broad was the market on the day each rally was confirmed?
-- Trap: the low (trough_date) is known only in hindsight. up_confirmed_date is the first evening it could be acted on.
SELECT e.trough_date, e.up_confirmed_date, b.pct_above_sma50, b.advance_share, b.status_sma
FROM marts.rally_episodes e
JOIN marts.dim_instrument i ON i.instrument_id = e.index_id AND i.role = 'headline'
LEFT JOIN marts.breadth_daily b
    ON b.session_date = e.up_confirmed_date AND b.is_default AND b.segment_type = 'universe'
WHERE e.is_default
ORDER BY e.up_confirmed_date;
