-- What moved past rallies from their low to their high, and what was left unnamed?
-- Trap: parts of different layers are not added to each other; the four shocks, drift, lag and the rest of one window are its move.
SELECT
    window_start AS low,
    window_end AS high,
    round(max(move_pp), 1) AS move,
    round(max(contribution_pp) FILTER (component = 'growth'), 1) AS growth,
    round(max(contribution_pp) FILTER (component = 'monetary'), 1) AS monetary,
    round(max(contribution_pp) FILTER (component = 'hedging'), 1) AS hedging,
    round(max(contribution_pp) FILTER (component = 'common'), 1) AS common,
    coalesce(string_agg(component, ', ' ORDER BY component) FILTER (is_named), 'not identified') AS named
FROM marts.rally_attribution
WHERE layer = 'shocks' AND window_id = 'trough_to_high' AND status = 'OK'
GROUP BY window_start, window_end
ORDER BY low DESC;
