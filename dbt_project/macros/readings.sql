{# The one shape of an indicator (specification §0.1). `relation` gives reading_id, entity_id, session_date, obs_period,
   value, status, n_used, n_expected, known_at; the value is withheld here unless its status is OK. A family of readings
   gives indicator_id too, row by row. `reconstructed` is an expression over its columns: whether the value is made of
   figures nobody knew at the time. `text` is what a value stands for in words, where it is a class. #}
{% macro readings(relation, indicator_id=none, method_version=1, reconstructed="false", text="null") -%}
    select
        cast(reading_id as varchar) as reading_id,
        {% if indicator_id %} '{{ indicator_id }}'
        {% else %} indicator_id
        {% endif %} as indicator_id,
        cast(entity_id as varchar) as entity_id,
        session_date,
        cast(obs_period as date) as obs_period,
        -- zero has one sign: -0.0 would be equal to it and hash otherwise
        case
            when status <> 'OK' then null when abs(value) < 5e-10 then 0 else round(cast(value as double), 9)
        end as value,
        case when status = 'OK' and value is null then 'UNDEFINED' else status end as status,
        case when status = 'OK' then cast({{ text }} as varchar) end as value_text,
        cast(n_used as bigint) as n_used,
        cast(n_expected as bigint) as n_expected,
        round(cast(n_used as double) / nullif(n_expected, 0), 6) as coverage,
        cast(known_at as timestamptz) as known_at,
        {{ method_version }} as method_version,
        coalesce({{ reconstructed }}, false) as is_reconstructed
    from {{ relation }}
{%- endmacro %}
