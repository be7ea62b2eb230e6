-- VA05: the index's return in logarithmic points, split into earnings and multiple; and dividends, which the price does
-- not show. Earnings and multiple add up to the move of the price.
{% set measures = window_measures(
    "VA05",
    [
        ("earnings", "100 * log_earnings", "status", "known_yields"),
        ("multiple", "100 * log_multiple", "status", "known_yields"),
        ("dividend", "100 * log_dividend", "status_dividend", "known_dividend"),
    ],
) %}
{{ measured_readings("VA05", measures, ref("int_return_terms")) }}
