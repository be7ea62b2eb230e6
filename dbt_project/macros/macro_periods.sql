{# Macro statistics: the value k periods before the newest one, from rows of int_macro_panel grouped by moment. -#}
{% macro periods_before(k) -%}
    max(value) filter (
        where
            obs_period = case
                when frequency = 'W'
                then cast(newest_period - interval ({{ k }} * 7) day as date)
                else cast(newest_period - interval ({{ k }}) month as date)
            end
    )
{%- endmacro %}

{# Why a value that needs the period k before the newest may be missing: never published, or before the series began. -#}
{% macro period_status(columns, k) -%}
    case
        when {% for column in columns %} {{ column }} is not null {% if not loop.last %} and {% endif %} {% endfor %}
        then 'OK'
        when
            case
                when frequency = 'W'
                then newest_period - interval ({{ k }} * 7) day
                else newest_period - interval ({{ k }}) month
            end
            < first_period
        then 'WARMUP'
        else 'NOT_PUBLISHED'
    end
{%- endmacro %}
