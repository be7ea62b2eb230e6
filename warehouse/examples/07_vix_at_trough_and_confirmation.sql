-- Where was the VIX at each low, and when the rally was confirmed?
-- Trap: join by date for each of the two days; a join on a range, or on the episode alone, multiplies rows.
SELECT e.trough_date, low.vix AS vix_at_low, e.up_confirmed_date, up.vix AS vix_at_confirmation,
    up.vix_percentile_252 AS percentile_at_confirmation
FROM marts.rally_episodes e
JOIN marts.dim_instrument i ON i.instrument_id = e.index_id AND i.role = 'headline'
LEFT JOIN marts.volatility_sentiment_daily low ON low.session_date = e.trough_date
LEFT JOIN marts.volatility_sentiment_daily up ON up.session_date = e.up_confirmed_date
WHERE e.is_default
ORDER BY e.trough_date;
