-- What did the index do in the 20 sessions after each cut of the policy rate?
-- Trap: count sessions, not days, and start with the evening the new target was known. The newest cuts have no 20
-- sessions yet: their return is NULL, which is not 0 and not the last price.
WITH target AS (
    SELECT session_date, value - lag(value) OVER (ORDER BY session_date) AS change
    FROM marts.macro_as_known
    WHERE series_id = 'DFEDTARU' AND status = 'OK'
),
bars AS (
    SELECT m.session_date, m.close, lead(m.close, 20) OVER (ORDER BY m.session_date) AS close_later
    FROM marts.market_daily m
    JOIN marts.dim_instrument i ON i.instrument_id = m.instrument_id AND i.role = 'headline'
)
SELECT t.session_date AS known_on, round(100 * t.change) AS change_bp, b.close,
    round(100 * (b.close_later / b.close - 1), 2) AS return_20_sessions_pct
FROM target t
JOIN bars b USING (session_date)
WHERE t.change < 0
ORDER BY t.session_date;
