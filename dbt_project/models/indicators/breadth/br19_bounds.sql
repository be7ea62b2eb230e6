-- BR19: worst and best case of what is known of the default universe, whatever the coverage: the shares above the
-- 50- and 200-day average and the advance share if all members nobody saw had been below (_low) or above (_high).
{% set measures = [
    ("50_low", "pct_above_sma50_low", "status_bounds", "n_with_sma50"),
    ("50_high", "pct_above_sma50_high", "status_bounds", "n_with_sma50"),
    ("200_low", "pct_above_sma200_low", "status_bounds", "n_with_sma200"),
    ("200_high", "pct_above_sma200_high", "status_bounds", "n_with_sma200"),
    ("share_low", "advance_share_low", "status_share_bounds", "n_traded"),
    ("share_high", "advance_share_high", "status_share_bounds", "n_traded"),
] %}
{{ breadth_readings("BR19", measures, ref("int_breadth")) }}
