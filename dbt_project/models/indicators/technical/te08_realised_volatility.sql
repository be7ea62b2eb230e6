-- TE08: realised volatility of the headline index, in percent a year: deviation of 20 and 60 log returns, and
-- exponentially weighted with a decay of .94 a session.
{% set measures = [
    ("_20", "100 * vol_20", 21, 21),
    ("_60", "100 * vol_60", 61, 61),
    ("_ewma", "case when n_ewma >= 75 then 100 * vol_ewma end", 77, none),
] %}
{{ technical_readings("TE08", measures, ref("int_technicals")) }}
