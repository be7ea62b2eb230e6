-- VS09: demand for protection: mean of the percentiles of puts against calls of stocks, of SKEW and of the flatness
-- of the term structure, each among 252 sessions; 0 to 100. All three are needed.
{% set measures = [
    (
        "VS09", "protection", "status_protection",
        "cast(put_call_equity_pct is not null as integer) + cast(skew_pct_252 is not null as integer)"
        ~ " + cast(flatness_pct_252 is not null as integer)",
        "3", "greatest(put_call_known_at, skew_known_at, vix3m_known_at, vix_known_at)", "session_date",
        "put_call_known_at is not null", "false",
    ),
] %}
{{ measured_readings("VS09", measures, "(select *, 'US' as index_id from " ~ ref("int_volatility_sessions") ~ ") as s") }}
