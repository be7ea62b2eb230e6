-- VS05: volatility risk premium: the VIX less the realised volatility of the headline index over 21 sessions, in
-- points, and the same of the squares, in points of variance.
{% set used = "cast(vix is not null as integer) + cast(realised_vol_21 is not null as integer)" %}
{% set known = "greatest(vix_known_at, realised_known_at)" %}
{% set measures = [
    ("VS05_points", "premium_points", "status_premium", used, "2", known, "session_date", "true", "false"),
    ("VS05_variance", "premium_variance", "status_premium", used, "2", known, "session_date", "true", "false"),
] %}
{{ measured_readings("VS05", measures, "(select *, 'VIX' as index_id from " ~ ref("int_volatility_sessions") ~ ") as s") }}
