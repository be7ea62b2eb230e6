-- TE04: 1 where the headline index closes above the highest high of the 20, 55 or 252 sessions before, -1 below their
-- lowest low, else 0. The window excludes the session itself.
{% set measures = [
    ("_20", "breakout_20", 21, 21),
    ("_55", "breakout_55", 56, 56),
    ("_252", "breakout_252", 253, 253),
] %}
{{ technical_readings("TE04", measures, ref("int_technicals")) }}
