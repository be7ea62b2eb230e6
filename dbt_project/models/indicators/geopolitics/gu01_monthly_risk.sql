-- GU01 by month: geopolitical risk of the newest month told and its rank among ten years of the same file.
{% set told = [
    ("gpr_monthly", "GU01_month", false),
    ("gpr_monthly", "GU01_month_pct", true),
] %}
with
    readings as ({{ news_month_readings(told, ref("int_news_month_ranks")) }})
    {{ readings("readings", "GU01", reconstructed="is_reconstructed") }}
