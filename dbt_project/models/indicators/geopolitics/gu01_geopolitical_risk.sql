-- GU01: geopolitical risk in the newspapers as it stood: means of 7 and 30 days, rank and distance of the
-- 7-day mean among ten years, and its two parts; the newest month and its rank among ten years of the same
-- file.
{% set told = [
    ("gpr", "GU01_7d", "i.mean_7d", 7),
    ("gpr", "GU01_30d", "i.mean_30d", 30),
    ("gpr", "GU01_pct", "i.percentile_10y", 3652),
    ("gpr", "GU01_z", "i.z_10y", 3652),
    ("gpr_acts", "GU01_acts_30d", "i.mean_30d", 30),
    ("gpr_threats", "GU01_threats_30d", "i.mean_30d", 30),
] %}
{% set months = [("gpr_monthly", "GU01_month", false), ("gpr_monthly", "GU01_month_pct", true)] %}
with
    readings as (
        {{ news_readings(told, ref("int_news_indices"), ref("int_calendar")) }}
        union all
        {{ news_month_readings(months, ref("int_news_month_ranks")) }}
    )
    {{ readings("readings", "GU01", reconstructed="is_reconstructed") }}
