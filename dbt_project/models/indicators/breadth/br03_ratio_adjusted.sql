-- BR03: ratio-adjusted net advances, 1000 (A-D)/(A+D), default universe.
{% set measures = [
    ("rana", "rana", "status_counts", "advancers + decliners + unchanged"),
] %}
{{ breadth_readings("BR03", measures, ref("int_breadth")) }}
