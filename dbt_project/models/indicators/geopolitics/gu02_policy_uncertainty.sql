-- GU02: policy uncertainty in the newspapers as it stood: means of 7 and 30 days, rank and distance of the 7-day mean
-- among ten years.
{% set told = [
    ("epu", "GU02_7d", "i.mean_7d", 7),
    ("epu", "GU02_30d", "i.mean_30d", 30),
    ("epu", "GU02_pct", "i.percentile_10y", 3652),
    ("epu", "GU02_z", "i.z_10y", 3652),
] %}
with
    readings as ({{ news_readings(told, ref("int_news_indices"), ref("int_calendar")) }})
    {{ readings("readings", "GU02", reconstructed="is_reconstructed") }}
