{# Readings of the season under way, one per measure (name, value, status expression, expression of the companies used), for
   one source and the segments named; the relation is an argument, so that a model still names what it reads. -#}
{% macro season_readings(indicator_id, measures, seasons, source="nasdaq", segments=["universe"]) -%}
    with
        readings as (
            {% for name, value, status, used in measures %}
                select
                    '{{ name }}' as reading_id,
                    segment_id as entity_id,
                    session_date,
                    fiscal_quarter as obs_period,
                    {{ value }} as value,
                    {{ status }} as status,
                    {{ used }} as n_used,
                    members as n_expected,
                    known_at
                from {{ seasons }}
                where
                    source = '{{ source }}'
                    and segment_type
                    in ({% for one in segments %}'{{ one }}'{% if not loop.last %}, {% endif %} {% endfor %})
                {% if not loop.last %}
                    union all
                {% endif %}
            {% endfor %}
        )
        {{ readings("readings", indicator_id) }}
{%- endmacro %}
