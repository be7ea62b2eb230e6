-- BR12: Zweig breadth thrust of the default universe: the average, and its signal as 1 or 0.
{% set measures = [
    ("zbt", "o.zweig_breadth_thrust", "status_thrust"),
    ("signal", "cast(o.thrust_signal as integer)", "status_thrust"),
] %}
{{ oscillator_readings("BR12", measures, ref("int_breadth"), ref("int_breadth_oscillators")) }}
