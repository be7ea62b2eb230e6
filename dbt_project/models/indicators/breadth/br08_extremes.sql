-- BR08: members at a new 52-week high and low, intraday basis, default universe.
{% set measures = [
    ("highs", "new_highs_52w", "status_52w", "n_with_52w"),
    ("lows", "new_lows_52w", "status_52w", "n_with_52w"),
] %}
with
    readings as (
        {% for name, value, status, used in measures %}
            select
                'BR08_{{ name }}' as reading_id,
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
    {{ readings("readings", "BR08") }}
