-- GU02 by month and kind of policy: policy uncertainty of the newest month told, and the rank of each kind among ten
-- years of the same file.
{% set told = [
    ("epu_overall", "GU02_month", false),
    ("epu_overall", "GU02_month_pct", true),
    ("epu_taxes", "GU02_taxes_pct", true),
    ("epu_fiscal", "GU02_fiscal_pct", true),
    ("epu_regulation", "GU02_regulation_pct", true),
    ("epu_financial_regulation", "GU02_financial_regulation_pct", true),
    ("epu_trade", "GU02_trade_pct", true),
] %}
with
    readings as ({{ news_month_readings(told, ref("int_news_month_ranks")) }})
    {{ readings("readings", "GU02", reconstructed="is_reconstructed") }}
