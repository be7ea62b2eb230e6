-- TE07: exposure of a fund that aims at a volatility of 10 %, traded two sessions late, and its change over five
-- sessions: above zero such funds buy. A proxy: nobody reports the positions by day.
{% set measures = [
    ("", "exposure", 63, 63),
    ("_d5", "exposure - lag(exposure, 5) over (partition by index_id order by session_no)", 68, 68),
] %}
{{ technical_readings("TE07", measures, ref("int_technicals")) }}
