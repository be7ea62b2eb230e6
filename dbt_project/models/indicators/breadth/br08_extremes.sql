-- BR08: members at a new 52-week high and low, intraday basis, default universe.
{% set measures = [
    ("highs", "new_highs_52w", "status_52w", "n_with_52w"),
    ("lows", "new_lows_52w", "status_52w", "n_with_52w"),
] %}
{{ breadth_readings("BR08", measures, ref("int_breadth")) }}
