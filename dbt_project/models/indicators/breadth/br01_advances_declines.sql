-- BR01: members that advanced and that declined, default universe.
{% set measures = [
    ("advancers", "advancers", "status_counts", "advancers + decliners + unchanged"),
    ("decliners", "decliners", "status_counts", "advancers + decliners + unchanged"),
] %}
{{ breadth_readings("BR01", measures, ref("int_breadth")) }}
