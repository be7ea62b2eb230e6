-- VS03: puts against calls of stocks, of indices and of all products: means over 5 and 21 sessions, and the
-- percentile of the first among 252. High is fear; what is hedged in funds and what in indices shifts, so only
-- percentiles compare.
{% set measures = [] %}
{% for product in ["equity", "index", "total"] %}
    {% for name, column in [("5", "mean_5"), ("21", "mean_21"), ("pct", "pct_252")] %}
        {% do measures.append((
            "VS03_" ~ product ~ "_" ~ name,
            column,
            "status_" ~ column,
            "cast(ratio is not null as integer)",
            "1",
            "known_at",
            "observed_on",
            "product = '" ~ product ~ "'",
            "false",
        )) %}
    {% endfor %}
{% endfor %}
{{ measured_readings("VS03", measures, "(select *, product as index_id from " ~ ref("int_put_call") ~ ") as p") }}
