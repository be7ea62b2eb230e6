-- BR05: share of the volume in advancers, default universe.
{% set measures = [
    ("up_share", "up_volume_share", "status_volume", "advancers + decliners + unchanged"),
] %}
{{ breadth_readings("BR05", measures, ref("int_breadth")) }}
