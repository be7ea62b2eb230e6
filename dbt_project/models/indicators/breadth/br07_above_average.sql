-- BR07: share of members above their 20-, 50-, 100- and 200-day average, default universe.
{% set measures = [
    ("20", "pct_above_sma20", "status_sma", "n_with_sma"),
    ("50", "pct_above_sma50", "status_sma", "n_with_sma"),
    ("100", "pct_above_sma100", "status_sma", "n_with_sma"),
    ("200", "pct_above_sma200", "status_sma", "n_with_sma"),
] %}
{{ breadth_readings("BR07", measures, ref("int_breadth")) }}
