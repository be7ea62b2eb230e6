-- TE02: the headline index comes back from oversold (relative strength from below 30 to 30 or above, on a rising
-- close), and what followed the earlier ones: only moves that were over by the session count.
{% set known = "max(known_at) over (partition by index_id order by session_no)" %}
{% set measures = [
    (
        "TE02_bounce", "is_bounce", "case when bar_no < 121 then 'WARMUP' else 'OK' end", "least(bar_no, 121)", "121",
        known, "session_date", "true", "false",
    ),
    (
        "TE02_since", "since_bounce", "case when n_bounces = 0 then 'WARMUP' else 'OK' end", "n_bounces", "n_bounces",
        known, "session_date", "true", "false",
    ),
] %}
{% for n in [5, 21] %}
    {% for what in ["mean", "rose"] %}
        {% do measures.append((
            "TE02_" ~ what ~ "_" ~ n,
            "100 * " ~ what ~ "_" ~ n,
            "case when n_followed_" ~ n ~ " < 5 then 'WARMUP' else 'OK' end",
            "n_followed_" ~ n,
            "n_bounces",
            known,
            "session_date",
            "true",
            "false",
        )) %}
    {% endfor %}
{% endfor %}
{{ measured_readings("TE02", measures, ref("int_technicals")) }}
