-- How does the reporting season stand, sector by sector, and which reports come next?
-- Trap: universe, sectors and sizes are rows of one table, from two sources that must not be mixed: say segment_type and
-- source. A beat rate below five reports is NULL, not 0.
SELECT s.name AS sector, e.fiscal_quarter, e.reported, e.members, round(e.beat_rate, 0) AS beat_pct,
    round(e.blended_growth, 1) AS growth_pct, round(e.median_growth, 1) AS median_growth_pct,
    e.status_beats, e.status_growth,
    (SELECT count(*) FROM marts.earnings_calendar AS c JOIN marts.dim_instrument AS i USING (instrument_id)
     WHERE c.is_ahead AND i.sector_id = e.segment_id AND c.report_date <= e.session_date + 10) AS reports_in_ten_days
FROM marts.earnings_season AS e
JOIN marts.dim_sector AS s ON s.sector_id = e.segment_id
WHERE e.segment_type = 'sector' AND e.source = 'nasdaq'
    AND e.session_date = (SELECT max(session_date) FROM marts.earnings_season)
ORDER BY s.sort_order;
