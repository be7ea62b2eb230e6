-- Which stocks carried the index since the low of the open rally (else in the last 20 sessions), and what is left?
-- Trap: the whole and its parts are two tables: a SUM over contributions is explained_pp, and the residual stands beside it,
-- never among the stocks. Lines of one issuer are rows of their own.
WITH w AS (
    SELECT * FROM marts.contribution_windows
    WHERE status = 'OK' AND session_date = (SELECT max(session_date) FROM marts.contribution_windows)
        AND window_id IN ('since_trough', '20d')
    ORDER BY window_id DESC
    LIMIT 1
)
SELECT w.window_start, i.name, i.sector_id, round(100 * c.weight_start, 2) AS weight_then_pct,
    round(c.contribution_pp, 3) AS points, round(100 * c.contribution_pp / w.index_return_pp, 1) AS pct_of_move,
    round(w.index_return_pp, 2) AS index_points, round(w.residual_pp, 3) AS unexplained, c.weight_source
FROM w
JOIN marts.contributions AS c USING (index_id, window_id, session_date)
JOIN marts.dim_instrument AS i USING (instrument_id)
ORDER BY c.contribution_pp DESC
LIMIT 10;
