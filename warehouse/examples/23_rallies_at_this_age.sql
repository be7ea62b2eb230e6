-- How far had earlier rallies come at the age of the running one, and how many of them lasted?
-- Trap: an age is counted from the low, but a row exists only from the confirmation on: nobody knew the low before.
SELECT
    e.trough_date,
    d.gain,
    e.end_kind,
    t.is_sustained
FROM marts.rally_daily d
JOIN marts.dim_instrument i ON i.instrument_id = d.index_id AND i.role = 'headline'
JOIN marts.rally_episodes e ON e.index_id = d.index_id AND e.rule = d.rule AND e.episode_id = d.episode_id
LEFT JOIN marts.verdict_track_record t ON t.index_id = d.index_id AND t.episode_id = d.episode_id AND t.age = 0
WHERE d.is_default
    AND d.age_sessions = (
        SELECT max(age_sessions) FROM marts.answer_daily WHERE session_date = (SELECT max(session_date) FROM marts.answer_daily)
    )
ORDER BY d.session_date DESC;
