-- TE05: how far the headline index closes above (or below) its resistance, in percent, and whether that is half a
-- percent or more. Resistance is the highest pivot high of the last 126 sessions as known that evening; where no pivot
-- stands there is none.
{% set measures = [
    ("_distance", "100.0 * close_ticks / resistance_ticks - 100", 127, 132),
    ("_break", "cast(1000 * close_ticks >= 1005 * resistance_ticks as integer)", 127, 132),
] %}
{{ technical_readings("TE05", measures, ref("int_technicals"), empty="UNDEFINED") }}
