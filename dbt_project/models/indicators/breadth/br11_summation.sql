-- BR11: McClellan summation index, ratio-adjusted (from 0) and classic, default universe.
{% set measures = [
    ("ra", "o.mcclellan_summation", "status_oscillator"),
    ("classic", "o.mcclellan_summation_classic", "status_oscillator_classic"),
] %}
with
    readings as (
        {% for name, value, status in measures %}
            select
                'BR11_{{ name }}' as reading_id,
                b.universe_id as entity_id,
                b.session_date,
                b.session_date as obs_period,
                {{ value }} as value,
                o.{{ status }} as status,
                b.advancers + b.decliners + b.unchanged as n_used,
                b.members as n_expected,
                b.known_at
            from {{ ref("int_breadth") }} as b
            inner join
                {{ ref("int_breadth_oscillators") }} as o
                on o.universe_id = b.universe_id
                and o.segment_type = b.segment_type
                and o.segment_id = b.segment_id
                and o.session_date = b.session_date
            where b.is_default and b.segment_type = 'universe'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "BR11") }}
