-- VA04: Shiller's cyclically adjusted ratio, where it stands among the last 120 months as then told, and where the
-- trailing earnings yield stands among the last 2,520 sessions, of which half must be held.
{% set measures = [
    (
        "VA04_cape", "cape", "status_cape", "cast(cape is not null as integer)", "1", "known_cape", "cape_month",
        "status_cape <> 'NOT_AVAILABLE'", "is_cape_reconstructed",
    ),
    (
        "VA04_cape_pct", "cape_percentile", "status_cape_percentile", "n_months", "120", "known_cape", "cape_month",
        "status_cape <> 'NOT_AVAILABLE'", "is_cape_percentile_reconstructed",
    ),
    (
        "VA04_ey_pct", "yield_percentile", "status_yield_percentile", "n_ranked", "2520", "known_trailing", "session_date",
        "has_earnings", "false",
    ),
] %}
{{ measured_readings("VA04", measures, ref("int_valuation")) }}
