-- How did the panel look on the day each rally became known: rates, breadth, volatility, flows, the world?
-- Trap: join on the session a rally was confirmed, not on its low: on the day of the low nobody knew it was one. An empty cell
-- is not zero; column missing names it with the reason.
SELECT e.trough_date, e.up_confirmed_date, round(p.drawdown, 1) AS drawdown, round(p.above_sma50, 0) AS above_sma50,
    round(p.vix, 1) AS vix, round(p.high_yield_spread, 2) AS high_yield_spread, round(p.real_yield_10y, 2) AS real_yield_10y,
    round(p.flow_equity_20d, 2) AS flow_equity_20d, round(p.geopolitical_risk_pct, 0) AS geopolitical_risk_pct, p.n_values
FROM marts.rally_episodes AS e
JOIN marts.daily_panel AS p ON p.session_date = e.up_confirmed_date AND p.index_id = e.index_id
WHERE e.is_default
ORDER BY e.up_confirmed_date;
