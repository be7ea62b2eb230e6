-- What do the ten indicators that people watch after a sell-off say today, and which of them says nothing, and why?
-- Trap: a value without a row is not a zero. Every reading has a row of the newest session or says in status why it has no
-- value; of a reading that speaks of several things (FL05_week: kinds of funds) one is chosen by its entity.
WITH watched(n, indicator, reading_id) AS (
    VALUES (1, 'Rate cuts priced', 'MP03_12m'), (1, 'Rate cuts priced', 'MP04_cut'),
        (2, 'Yields and term premium', 'MP05_2s10s'), (2, 'Yields and term premium', 'MP07_real'),
        (2, 'Yields and term premium', 'MP08_acm'), (3, 'Inflation', 'MA01_cpi'), (3, 'Inflation', 'MA02_cpi'),
        (3, 'Inflation', 'MA02_pce'), (4, 'Employment', 'MA05_change'), (4, 'Employment', 'MA06_unemployment'),
        (4, 'Employment', 'MA07_yoy'), (5, 'Earnings', 'EA02_beat'), (5, 'Earnings', 'EA04'), (5, 'Earnings', 'EA06'),
        (6, 'Members above averages', 'BR07_50'), (6, 'Members above averages', 'BR07_200'),
        (7, 'Advances, highs and lows', 'BR04_ra_20'), (7, 'Advances, highs and lows', 'BR09_net'),
        (8, 'Volatility indices', 'VS01'), (8, 'Volatility indices', 'VS02_3m'), (9, 'Fund flows', 'FL02_equity_20'),
        (9, 'Fund flows', 'FL03_20'), (9, 'Fund flows', 'FL05_week'), (10, 'Options', 'VS03_equity_5'),
        (10, 'Options', 'VS04'), (10, 'Options', 'VS06_median')
)
SELECT w.n, w.indicator, w.reading_id, i.name, round(r.value, 3) AS value, i.unit, round(r.percentile_5y) AS percentile_5y,
    r.direction, r.status
FROM watched AS w
JOIN marts.dim_indicator AS i USING (reading_id)
LEFT JOIN marts.indicator_readings AS r
    ON r.reading_id = w.reading_id AND r.session_date = (SELECT max(session_date) FROM marts.indicator_readings)
    AND (w.reading_id <> 'FL05_week' OR r.entity_id IN ('total', 'none'))
ORDER BY w.n, w.reading_id;
