-- When did the index close at a high while fewer than 60 % of its members stood above their 50-day average?
-- Trap: a NULL share is not a weak one. Where too few members are covered the share is missing; say so in the WHERE.
SELECT r.session_date, b.pct_above_sma50, b.new_highs_52w, b.new_lows_52w
FROM marts.rally_daily r
JOIN marts.dim_instrument i ON i.instrument_id = r.index_id AND i.role = 'headline'
JOIN marts.breadth_daily b USING (session_date)
WHERE r.is_default AND r.drawdown = 0
  AND b.is_default AND b.segment_type = 'universe' AND b.status_sma = 'OK' AND b.pct_above_sma50 < 60
ORDER BY r.session_date;
