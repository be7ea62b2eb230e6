-- BR06: Arms index (TRIN), default universe.
{% set measures = [
    ("trin", "trin", "status_trin", "advancers + decliners + unchanged"),
] %}
{{ breadth_readings("BR06", measures, ref("int_breadth")) }}
