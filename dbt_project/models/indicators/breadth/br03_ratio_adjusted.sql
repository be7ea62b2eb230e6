-- BR03: ratio-adjusted net advances, 1000 (A-D)/(A+D), default universe.
{% set measures = [
    ("rana", "rana", "status_counts", "advancers + decliners + unchanged"),
] %}
with
    readings as (
        {% for name, value, status, used in measures %}
            select
                'BR03_{{ name }}' as reading_id,
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
    {{ readings("readings", "BR03") }}
