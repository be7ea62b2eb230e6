-- BR09: new 52-week highs minus lows (percent of eligible members; mean count of ten sessions) and highs as a share of
-- both; intraday basis, default universe.
{% set measures = [
    ("net", "100.0 * (new_highs_52w - new_lows_52w) / nullif(n_with_52w, 0)", "status_52w", "n_with_52w"),
    ("net_10d", "nh_nl_net_10d", "status_nh_nl_10d", "n_with_52w"),
    ("record", "record_high_pct", "status_record_highs", "n_with_52w"),
] %}
with
    readings as (
        {% for name, value, status, used in measures %}
            select
                'BR09_{{ name }}' as reading_id,
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
    {{ readings("readings", "BR09") }}
