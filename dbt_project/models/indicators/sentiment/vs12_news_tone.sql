-- VS12: the tone of economic news as it stood, its change over 20 days and its place among a year.
{% set measures = [
    ("VS12", "sentiment", "true", 1, 1, "known_at"),
    ("VS12_d20", "change_20", "change_20 is not null", "1 + cast(change_20 is not null as integer)", 2, "known_change"),
    ("VS12_pct", "percentile", "n_year >= 0.9 * 365", "n_year", 365, "known_year"),
] %}
with
    readings as (
        {% for reading_id, value, condition, used, expected, known in measures %}
            select
                '{{ reading_id }}' as reading_id,
                'US' as entity_id,
                session_date,
                observed_on as obs_period,
                {{ value }} as value,
                case when status <> 'OK' then status when {{ condition }} then 'OK' else 'WARMUP' end as status,
                {{ used }} as n_used,
                {{ expected }} as n_expected,
                {{ known }} as known_at,
                is_reconstructed
            from {{ ref("int_news_tone") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "VS12", reconstructed="is_reconstructed") }}
