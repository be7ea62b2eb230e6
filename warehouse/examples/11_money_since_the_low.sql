-- How much money went into funds since the low of the newest rally, by kind of fund?
-- Trap: a heartbeat (a large creation reversed within three sessions) and a report in doubt are no demand. Sector funds
-- are a kind of their own: adding them to broad funds counts a switch between the two as new money.
WITH low AS (
    SELECT e.trough_date
    FROM marts.rally_episodes e
    JOIN marts.dim_instrument i ON i.instrument_id = e.index_id AND i.role = 'headline'
    WHERE e.is_default
    ORDER BY e.trough_date DESC
    LIMIT 1
)
SELECT f.fund_category, count(DISTINCT f.instrument_id) AS funds, round(sum(f.net_flow_usd) / 1e6) AS net_flow_usd_million
FROM marts.flows_daily f
CROSS JOIN low
WHERE f.session_date > low.trough_date AND f.status = 'OK' AND NOT f.is_heartbeat AND NOT f.is_suspect
GROUP BY f.fund_category
ORDER BY net_flow_usd_million DESC;
