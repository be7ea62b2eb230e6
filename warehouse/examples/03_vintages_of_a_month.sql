-- What was said about the payrolls of June 2025, and from when on?
-- Trap: macro_as_known.value_final is the newest figure under an old date: nobody knew it then. Vintages tell what was
-- known; each counts from its session_date until the next.
SELECT vintage_no, session_date AS known_from, value, value - lag(value) OVER (ORDER BY vintage_no) AS revised_by
FROM marts.macro_vintages
WHERE series_id = 'PAYEMS' AND obs_period = DATE '2025-06-01'
ORDER BY vintage_no;
