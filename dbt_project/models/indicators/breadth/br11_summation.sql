-- BR11: McClellan summation index, ratio-adjusted (from 0) and classic, default universe.
{% set measures = [
    ("ra", "o.mcclellan_summation", "status_oscillator"),
    ("classic", "o.mcclellan_summation_classic", "status_oscillator_classic"),
] %}
{{ oscillator_readings("BR11", measures, ref("int_breadth"), ref("int_breadth_oscillators")) }}
