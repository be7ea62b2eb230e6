-- Which members of the index stand farthest below their highest close?
-- Trap: join the stays of the day (valid_to is the first session outside). Today's list in an old year shows only those
-- that survived; a company that left has no row in market_daily until it is back.
SELECT i.symbol, i.name, s.name AS sector, m.drawdown, m.above_sma200
FROM marts.market_daily m
JOIN marts.universe_membership u
    ON u.instrument_id = m.instrument_id AND u.valid_from <= m.session_date
    AND (u.valid_to IS NULL OR u.valid_to > m.session_date)
JOIN marts.dim_universe v ON v.universe_id = u.universe_id AND v.is_default
JOIN marts.dim_instrument i ON i.instrument_id = m.instrument_id
LEFT JOIN marts.dim_sector s USING (sector_id)
WHERE m.session_date = (SELECT max(session_date) FROM marts.breadth_daily) AND m.drawdown IS NOT NULL
ORDER BY m.drawdown
LIMIT 10;
