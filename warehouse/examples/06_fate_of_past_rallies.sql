-- What became of earlier rallies: how many won the old peak back, and how long did they last?
-- Trap: the rally that still runs has no fate yet (is_right_censored). Counting it as a failure, or its age as a length,
-- makes rallies look shorter than they are.
SELECT e.end_kind, count(*) AS rallies, count(e.recovered_date) AS won_back, median(e.age_sessions) AS median_sessions
FROM marts.rally_episodes e
JOIN marts.dim_instrument i ON i.instrument_id = e.index_id AND i.role = 'headline'
WHERE e.is_default AND NOT e.is_right_censored
GROUP BY e.end_kind
ORDER BY rallies DESC;
