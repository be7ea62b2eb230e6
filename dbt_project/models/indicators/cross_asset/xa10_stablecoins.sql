-- XA10: growth of dollar-pegged coins over 7 and 30 days, how unusual the latter is among 252 sessions before, and
-- whether they are worth more than 2 % less or more than their dollars.
{% set measures = [
    ("d7", "change_7d", "status_7d", "1 + cast(change_7d is not null as integer)", "2", "known_7d"),
    ("d30", "change_30d", "status_30d", "1 + cast(change_30d is not null as integer)", "2", "known_30d"),
    (
        "z",
        "case when deviation_before >= 1e-12 then (change_30d - mean_before) / deviation_before end",
        "case when status_30d <> 'OK' then status_30d when n_before < 227 then 'WARMUP' else 'OK' end",
        "n_before", "252", "known_z",
    ),
    ("depeg", "is_depegged", "status", "1", "1", "known_at"),
] %}
with
    readings as (
        {% for name, value, status, used, expected, known_at in measures %}
            select
                'XA10_{{ name }}' as reading_id,
                'USD' as entity_id,
                session_date,
                observed_on as obs_period,
                {{ value }} as value,
                {{ status }} as status,
                {{ used }} as n_used,
                {{ expected }} as n_expected,
                {{ known_at }} as known_at
            from {{ ref("int_stablecoins") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "XA10") }}
