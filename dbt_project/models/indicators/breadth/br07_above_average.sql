-- BR07: share of members above their 20-, 50-, 100- and 200-day average, default universe.
{% set measures = [
    ("20", "pct_above_sma20", "status_sma", "n_with_sma"),
    ("50", "pct_above_sma50", "status_sma", "n_with_sma"),
    ("100", "pct_above_sma100", "status_sma", "n_with_sma"),
    ("200", "pct_above_sma200", "status_sma", "n_with_sma"),
] %}
with
    readings as (
        {% for name, value, status, used in measures %}
            select
                'BR07_{{ name }}' as reading_id,
                universe_id as entity_id,
                session_date,
                session_date as obs_period,
                {{ value }} as value,
                {{ status }} as status,
                {{ used }} as n_used,
                members as n_expected,
                known_at
            from {{ ref("int_breadth") }}
            where is_default and segment_type = 'universe'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "BR07") }}
