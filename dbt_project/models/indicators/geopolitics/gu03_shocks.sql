-- GU03: whether newspapers say a shock now, and whether one of the last 90 days has eased. Both are states, no trend.
{% set told = [
    ("gpr", "GU03_shock", "cast(i.is_shock as double)", 259),
    ("gpr", "GU03_eased", "cast(i.has_eased as double)", 119),
    ("epu", "GU03_shock_policy", "cast(i.is_shock as double)", 259),
    ("epu", "GU03_eased_policy", "cast(i.has_eased as double)", 119),
] %}
with
    readings as ({{ news_readings(told, ref("int_news_indices"), ref("int_calendar")) }})
    {{ readings("readings", "GU03", reconstructed="is_reconstructed") }}
