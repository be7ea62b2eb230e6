{# The period k weeks (frequency W, WF), months or quarters (Q) before the newest one. -#}
{% macro period_back(k) -%}
    cast(
        newest_period
        - {{ k }}
        * case
            when frequency like 'W%'
            then interval 7 day
            when frequency = 'Q'
            then interval 3 month
            else interval 1 month
        end as date
    )
{%- endmacro %}

{# Macro statistics: the value k periods before the newest one, from rows of int_macro_panel grouped by moment. -#}
{% macro periods_before(k) -%} max(value) filter (where obs_period = {{ period_back(k) }}) {%- endmacro %}

{# Why a value that needs the period k before the newest may be missing: never published, or before the series began. -#}
{% macro period_status(columns, k) -%}
    case
        when {% for column in columns %} {{ column }} is not null {% if not loop.last %} and {% endif %} {% endfor %}
        then 'OK'
        when {{ period_back(k) }} < first_period
        then 'WARMUP'
        else 'NOT_PUBLISHED'
    end
{%- endmacro %}
