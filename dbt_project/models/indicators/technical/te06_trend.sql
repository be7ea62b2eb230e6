-- TE06: what a fund that follows trends would hold of the headline index: mean sign of the moves over 21, 63 and 252
-- sessions, scaled down where volatility exceeds 10 % a year; -1 to 1. A proxy: nobody reports the positions by day.
{{ technical_readings("TE06", [("", "trend", 253, 253)], ref("int_technicals")) }}
