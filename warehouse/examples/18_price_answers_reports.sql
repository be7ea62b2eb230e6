-- How did prices answer reports that beat and reports that missed, by the hour they came?
-- Trap: a report after the close is answered in the next session (effective_session); where nobody told the hour the answer
-- is unknown (status_return), not the session of the report.
SELECT timing, outcome, count(*) AS reports, round(avg(return_pct), 2) AS mean_return_pct,
    round(median(return_pct), 2) AS median_return_pct, round(100.0 * avg((return_pct > 0)::INT), 0) AS rose_pct
FROM marts.earnings_calendar
WHERE status_return = 'OK' AND outcome IS NOT NULL
GROUP BY timing, outcome
ORDER BY timing, outcome;
