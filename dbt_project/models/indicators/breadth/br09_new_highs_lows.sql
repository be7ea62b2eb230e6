-- BR09: new 52-week highs minus lows (percent of eligible members; mean count of ten sessions) and highs as a share of
-- both; intraday basis, default universe.
{% set measures = [
    ("net", "100.0 * (new_highs_52w - new_lows_52w) / nullif(n_with_52w, 0)", "status_52w", "n_with_52w"),
    ("net_10d", "nh_nl_net_10d", "status_nh_nl_10d", "n_with_52w"),
    ("record", "record_high_pct", "status_record_highs", "n_with_52w"),
] %}
{{ breadth_readings("BR09", measures, ref("int_breadth")) }}
