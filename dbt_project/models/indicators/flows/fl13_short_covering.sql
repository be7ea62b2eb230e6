-- FL13: the most shorted tenth less the least shorted tenth, each without its slope times the index, over twenty
-- sessions and since the trough; the same with stocks of equal slopes in the place of the most shorted (placebo);
-- and whether the positions in the most shorted have been published as smaller since.
with
    readings as (
        {% for window_id, name in [("20d", "20"), ("since_trough", "trough")] %}
            {% for part, prefix in [("top", ""), ("placebo", "placebo_")] %}
                select
                    'FL13_{{ prefix }}{{ name }}' as reading_id,
                    universe_id as entity_id,
                    session_date,
                    session_date as obs_period,
                    {% if part == "top" %} covering_pp
                    {% else %} placebo_pp
                    {% endif %} as value,
                    status_{{ part }} as status,
                    used_{{ part }} + used_bottom as n_used,
                    n_top + n_bottom as n_expected,
                    known_at
                from {{ ref("int_short_covering") }}
                where window_id = '{{ window_id }}'
                union all
            {% endfor %}
        {% endfor %}
        select
            'FL13_confirmed_trough',
            universe_id,
            session_date,
            settlement_date,
            cast(is_confirmed as integer),
            status_confirmed,
            n_compared,
            n_top,
            known_at_confirmed
        from {{ ref("int_short_covering") }}
        where window_id = 'since_trough'
    )
    {{ readings("readings", "FL13") }}
