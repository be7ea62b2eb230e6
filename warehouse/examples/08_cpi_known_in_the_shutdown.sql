-- Which consumer prices were known while the statistics office was closed in autumn 2025?
-- Trap: ask by session_date (the evening), not by obs_period (the month). October was never published; a figure that is
-- too old to speak is NULL with STALE_INPUT, never carried on.
SELECT min(session_date) AS from_session, max(session_date) AS to_session, obs_period, value, status
FROM (
    SELECT *, count(*) FILTER (is_new) OVER (ORDER BY session_date) AS stretch
    FROM (
        SELECT session_date, obs_period, value, status,
            (obs_period, status) IS DISTINCT FROM lag((obs_period, status)) OVER (ORDER BY session_date) AS is_new
        FROM marts.macro_as_known
        WHERE series_id = 'CPIAUCSL' AND session_date BETWEEN DATE '2025-09-15' AND DATE '2026-01-15'
    )
)
GROUP BY stretch, obs_period, value, status
ORDER BY from_session;
