-- VA02: the earnings-yield gap (earnings yield less the real yield of ten years; no risk premium, because earnings
-- yields are no expected returns), Damodaran's implied premium, and what that is above the gap.
{% set measures = yield_measures("VA02", [("_gap", "real_gap")]) + [
    (
        "VA02_implied", "erp_implied", "status_implied", "cast(erp_implied is not null as integer)", "1", "known_implied",
        "implied_month", "status_implied <> 'NOT_AVAILABLE'", "is_erp_reconstructed",
    ),
    (
        "VA02_spread", "implied_less_gap", "status_implied_less_gap", "n_trailing", "members", "known_implied_less_gap",
        "session_date", "has_earnings and status_implied <> 'NOT_AVAILABLE'", "is_erp_reconstructed",
    ),
] %}
{{ measured_readings("VA02", measures, ref("int_valuation")) }}
