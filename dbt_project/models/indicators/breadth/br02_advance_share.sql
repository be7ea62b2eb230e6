-- BR02: net advances, advance-decline ratio and share of advancing members among those that moved, default universe.
{% set measures = [
    ("share", "advancers / nullif(advancers + decliners, 0)", "status_counts", "advancers + decliners + unchanged"),
    ("net", "net_advances", "status_counts", "advancers + decliners + unchanged"),
    ("ratio", "ad_ratio", "status_ad_ratio", "advancers + decliners + unchanged"),
] %}
with
    readings as (
        {% for name, value, status, used in measures %}
            select
                'BR02_{{ name }}' as reading_id,
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
    {{ readings("readings", "BR02") }}
