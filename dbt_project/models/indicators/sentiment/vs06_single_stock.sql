-- VS06: volatility of single stocks: median of the members' realised volatilities over 21 sessions, their mean by
-- weight, and the share of members that moved five percent or more.
{% set weighed = "status_weights is not null" %}
{% set measures = [
    (
        "VS06_median", "100 * median_vol", "status_vol", "with_vol", "members", "known_at", "session_date", "true", "false",
    ),
    (
        "VS06_weighted", "100 * weighted_vol", "status_weighted", "weighed_vol", "members", "weighed_known_at",
        "session_date", weighed, "false",
    ),
    ("VS06_moves", "share_moved", "status_moved", "with_return", "members", "known_at", "session_date", "true", "false"),
] %}
{{ measured_readings("VS06", measures, "(select *, universe_id as index_id from " ~ ref("int_member_volatility") ~ ") as m") }}
