-- BR02: net advances, advance-decline ratio and share of advancing members among those that moved, default universe.
{% set measures = [
    ("share", "advancers / nullif(advancers + decliners, 0)", "status_counts", "advancers + decliners + unchanged"),
    ("net", "net_advances", "status_counts", "advancers + decliners + unchanged"),
    ("ratio", "ad_ratio", "status_ad_ratio", "advancers + decliners + unchanged"),
] %}
{{ breadth_readings("BR02", measures, ref("int_breadth")) }}
