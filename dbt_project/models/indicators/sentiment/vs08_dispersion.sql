-- VS08: dispersion of the day: deviation of the members' total returns from their mean, by the weights of the evening
-- before, in percent.
{% set measures = [
    (
        "VS08", "100 * dispersion", "status_dispersion", "weighed_return", "members", "weighed_known_at", "session_date",
        "status_weights is not null", "false",
    ),
] %}
{{ measured_readings("VS08", measures, "(select *, universe_id as index_id from " ~ ref("int_member_volatility") ~ ") as m") }}
