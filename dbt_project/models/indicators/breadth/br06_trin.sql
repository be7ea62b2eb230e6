-- BR06: Arms index (TRIN), default universe.
{% set measures = [
    ("trin", "trin", "status_trin", "advancers + decliners + unchanged"),
] %}
with
    readings as (
        {% for name, value, status, used in measures %}
            select
                'BR06_{{ name }}' as reading_id,
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
    {{ readings("readings", "BR06") }}
