-- BR07: share of members above their 50- and 200-day average, default universe.
with
    readings as (
        {% for n in [50, 200] %}
            select
                'BR07_{{ n }}' as reading_id,
                universe_id as entity_id,
                session_date,
                session_date as obs_period,
                pct_above_sma{{ n }} as value,
                status_sma as status,
                n_with_sma as n_used,
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
