-- VA06: the multiple's part of the return in logarithmic points, split into the move of the real yield and that of the
-- earnings-yield gap. Both add up to it.
{% set measures = window_measures(
    "VA06",
    [
        ("real_rate", "100 * log_real_rate", "status_split", "known_split"),
        ("gap", "100 * log_gap", "status_split", "known_split"),
    ],
) %}
{{ measured_readings("VA06", measures, ref("int_return_terms")) }}
