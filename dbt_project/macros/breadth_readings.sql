{# One select per measure (name, value, status column, expression of the members used), one under the other. -#}
{% macro breadth_measures(indicator_id, measures, rows, entity) -%}
    {% for name, value, status, used in measures %}
        select
            '{{ indicator_id }}_{{ name }}' as reading_id,
            {{ entity }} as entity_id,
            session_date,
            session_date as obs_period,
            {{ value }} as value,
            {{ status }} as status,
            {{ used }} as n_used,
            members as n_expected,
            known_at
        from {{ rows }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{%- endmacro %}

{# Readings of the default universe, one per measure. Relations are arguments, so that a model still names what it reads.
   Measures of breadth itself: (name, value, status column, expression of the members used). -#}
{% macro breadth_readings(indicator_id, measures, breadth) -%}
    with
        readings as (
            {{ breadth_measures(indicator_id, measures, breadth ~ " where is_default and segment_type = 'universe'", "universe_id") }}
        )
        {{ readings("readings", indicator_id) }}
{%- endmacro %}

{# Measures of its recursions: (name, value over alias o, status column of o). -#}
{% macro oscillator_readings(indicator_id, measures, breadth, oscillators) -%}
    with
        readings as (
            {% for name, value, status in measures %}
                select
                    '{{ indicator_id }}_{{ name }}' as reading_id,
                    b.universe_id as entity_id,
                    b.session_date,
                    b.session_date as obs_period,
                    {{ value }} as value,
                    o.{{ status }} as status,
                    b.advancers + b.decliners + b.unchanged as n_used,
                    b.members as n_expected,
                    b.known_at
                from {{ breadth }} as b
                inner join
                    {{ oscillators }} as o
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
        {{ readings("readings", indicator_id) }}
{%- endmacro %}
