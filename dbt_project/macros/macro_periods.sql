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

{# One reading of a released series as known at each session: `value` and `reason` are expressions over the columns of
   int_macro_sessions; a stale release withholds everything. -#}
{% macro macro_reading(reading_id, series_id, value, reason, n_expected=2) -%}
    select
        '{{ reading_id }}' as reading_id,
        'US' as entity_id,
        session_date,
        obs_period,
        {{ value }} as value,
        case when status <> 'OK' then status else {{ reason }} end as status,
        case when {{ value }} is null then 0 else {{ n_expected }} end as n_used,
        {{ n_expected }} as n_expected,
        known_at,
        is_reconstructed
    from {{ ref("int_macro_sessions") }}
    where series_id = '{{ series_id }}'
{%- endmacro %}
