-- BR10: McClellan oscillator, ratio-adjusted (comparable over time) and classic, default universe.
{% set measures = [
    ("ra", "o.mcclellan_oscillator", "status_oscillator"),
    ("classic", "o.mcclellan_oscillator_classic", "status_oscillator_classic"),
] %}
{{ oscillator_readings("BR10", measures, ref("int_breadth"), ref("int_breadth_oscillators")) }}
