-- VS04: percentile of SKEW among the last 252 sessions that have one: high is a dear protection against large falls.
{% set year = "max(skew_known_at) over (order by session_no rows between 251 preceding and current row)" %}
{% set measures = [
    (
        "VS04_pct", "skew_pct_252", "status_skew_pct", "cast(skew is not null as integer)", "1", year, "session_date",
        "true", "false",
    ),
] %}
{{ measured_readings("VS04", measures, "(select *, 'SKEW' as index_id from " ~ ref("int_volatility_sessions") ~ ") as s") }}
