-- VA07: the total return in percentage points: earnings, real yield, gap and dividends add up to it. Where one of them
-- is missing none is told, because the others depend on the whole.
{% set measures = window_measures(
    "VA07",
    [
        ("earnings", "100 * points_earnings", "status_total", "known_total"),
        ("real_rate", "100 * points_real_rate", "status_total", "known_total"),
        ("gap", "100 * points_gap", "status_total", "known_total"),
        ("dividend", "100 * points_dividend", "status_total", "known_total"),
    ],
) %}
{{ measured_readings("VA07", measures, ref("int_return_terms")) }}
