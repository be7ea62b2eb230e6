-- How have the policy rate, the curve and the real yield moved over the last month?
-- Trap: on a bond holiday the exchange is open and no yield is published: the row shows the yield of the day before and
-- says so in carried_from. A change of 0 on such a day is no observation.
SELECT session_date, target_high, effr, y2, y10, s2s10_bp, tips10, curve_move, yield_source, carried_from,
    CASE WHEN carried_from IS NULL AND lag(carried_from) OVER (ORDER BY session_date) IS NULL
        THEN round(100 * (y10 - lag(y10) OVER (ORDER BY session_date)), 1) END AS y10_move_bp
FROM marts.rates_daily
ORDER BY session_date DESC
LIMIT 22;
