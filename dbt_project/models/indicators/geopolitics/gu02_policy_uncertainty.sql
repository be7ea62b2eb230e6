-- GU02: policy uncertainty in the newspapers as it stood: means of 7 and 30 days, rank and distance of the
-- 7-day mean among ten years; the newest month, and the rank of each kind of policy among ten years of the
-- same file.
{% set told = [
    ("epu", "GU02_7d", "i.mean_7d", 7),
    ("epu", "GU02_30d", "i.mean_30d", 30),
    ("epu", "GU02_pct", "i.percentile_10y", 3652),
    ("epu", "GU02_z", "i.z_10y", 3652),
] %}
{% set months = [
    ("epu_overall", "GU02_month", false),
    ("epu_overall", "GU02_month_pct", true),
    ("epu_taxes", "GU02_taxes_pct", true),
    ("epu_fiscal", "GU02_fiscal_pct", true),
    ("epu_regulation", "GU02_regulation_pct", true),
    ("epu_financial_regulation", "GU02_financial_regulation_pct", true),
    ("epu_trade", "GU02_trade_pct", true),
] %}
with
    readings as (
        {{ news_readings(told, ref("int_news_indices"), ref("int_calendar")) }}
        union all
        {{ news_month_readings(months, ref("int_news_month_ranks")) }}
    )
    {{ readings("readings", "GU02", reconstructed="is_reconstructed") }}
