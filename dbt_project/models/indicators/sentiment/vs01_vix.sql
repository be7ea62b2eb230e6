-- VS01: change of the VIX over five sessions, and its percentile among a year and among five whole years.
{% set year = "max(vix_known_at) over (order by session_no rows between 251 preceding and current row)" %}
{% set five = "max(vix_known_at) over (order by session_no rows between 1259 preceding and current row)" %}
{% set is_held = "cast(vix is not null as integer)" %}
{% set measures = [
    (
        "VS01_d5", "vix_d5", "status_d5", is_held ~ " + cast(vix_d5 is not null as integer)", "2", "vix_d5_known_at",
        "session_date", "true", "false",
    ),
    ("VS01_pct_252", "vix_pct_252", "status_pct_252", is_held, "1", year, "session_date", "true", "false"),
    ("VS01_pct_5y", "vix_pct_5y", "status_pct_5y", is_held, "1", five, "session_date", "true", "false"),
] %}
{{ measured_readings("VS01", measures, "(select *, 'VIX' as index_id from " ~ ref("int_volatility_sessions") ~ ") as s") }}
