-- VS10: hot names, calm index: the 20-session mean of the share of members that moved five percent or more stands
-- above its 80th percentile of five years while the VIX is below its median of five years. 1 when so, else 0; one
-- part that is not so settles it.
{% set measures = [
    (
        "VS10", "cast(is_hot as integer)", "status_hot",
        "cast(share_moved_pct_5y is not null as integer) + cast((vix < vix_median_5y) is not null as integer)", "2",
        "greatest(members_known_at, vix_known_at)", "session_date", "universe_id is not null", "false",
    ),
] %}
{{ measured_readings("VS10", measures, "(select *, universe_id as index_id from " ~ ref("int_volatility_sessions") ~ ") as s") }}
