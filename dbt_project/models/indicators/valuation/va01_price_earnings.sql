-- VA01: price over earnings and earnings over price, of the last four quarters and of the four ahead. Without earnings
-- there is no ratio; the yield is kept.
{{ measured_readings("VA01", yield_measures("VA01", [("_pe", "pe"), ("_ey", "yield")]), ref("int_valuation")) }}
