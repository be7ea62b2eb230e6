-- TE01: Wilder's relative strength index of the headline index over 14 closes.
{{ technical_readings("TE01", [("", "rsi", 120, none)], ref("int_technicals")) }}
