-- Which releases of the last three months surprised most, and against what?
-- Trap: most surprises are measured against the figure before (prior), some against what somebody expected: deviations of
-- different kinds are not compared. surprise_kind and expected_source say which it is; known_at is the minute it came.
SELECT date, title, obs_period, actual, coalesce(expected, previous) AS against, surprise_kind, expected_source,
    round(surprise_z, 2) AS surprise_z
FROM marts.events
WHERE kind = 'release' AND status_surprise_z = 'OK'
    AND date > (SELECT max(date) FROM marts.events) - INTERVAL 92 DAY
ORDER BY abs(surprise_z) DESC, event_id
LIMIT 12;
