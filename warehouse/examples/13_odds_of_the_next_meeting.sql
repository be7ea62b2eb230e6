-- What does the market price for the next meeting of the central bank, range by range?
-- Trap: the table holds two methods and several sources side by side: a sum over all of them is no probability. One
-- meeting, one source, one variant sum to 1. And a price is not a forecast: it holds a premium for risk.
WITH newest AS (
    SELECT session_date, min(meeting_date) AS meeting_date
    FROM marts.rate_expectations
    WHERE is_default AND span = 'meeting' AND status_probability = 'OK'
    GROUP BY session_date
    ORDER BY session_date DESC
    LIMIT 1
)
SELECT d.session_date, d.meeting_date, d.range_low, d.range_high, round(d.probability, 4) AS probability
FROM marts.rate_distribution d
JOIN newest USING (session_date, meeting_date)
WHERE d.source = 'zq' AND d.variant = 'anchor_both'
ORDER BY d.range_low;
