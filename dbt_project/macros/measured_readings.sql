{# Readings that are columns of one relation, one per row of `measures`: (reading_id, value, status, used, expected, known_at,
   period, condition, whether made of figures nobody knew then); each an expression over its columns. -#}
{% macro measured_readings(indicator_id, measures, rows) -%}
    with
        measured as (
            {% for reading_id, value, status, used, expected, known_at, period, condition, reconstructed in measures %}
                select
                    '{{ reading_id }}' as reading_id,
                    index_id as entity_id,
                    session_date,
                    {{ period }} as obs_period,
                    {{ value }} as value,
                    {{ status }} as status,
                    {{ used }} as n_used,
                    {{ expected }} as n_expected,
                    {{ known_at }} as known_at,
                    {{ reconstructed }} as is_reconstructed
                from {{ rows }}
                where {{ condition }}
                {% if not loop.last %}
                    union all
                {% endif %}
            {% endfor %}
        )
        {{ readings("measured", indicator_id, reconstructed="is_reconstructed") }}
{%- endmacro %}

{# Measures made of earnings over the price, trailing and ahead: (name in the reading's id, column without its kind). -#}
{% macro yield_measures(indicator_id, names) -%}
    {%- set found = [] -%}
    {%- for name, column in names -%}
        {%- for kind, suffix, condition in [
            ("trailing", "", "has_earnings"),
            ("forward", "_fwd", "has_earnings and status_forward <> 'NOT_AVAILABLE'"),
        ] -%}
            {%- do found.append((
                indicator_id ~ name ~ suffix,
                column ~ "_" ~ kind,
                "status_" ~ (column if column != "yield" else "") ~ ("_" if column != "yield" else "") ~ kind,
                "n_" ~ kind,
                "members",
                "known_" ~ (column ~ "_" if "gap" in column else "") ~ kind,
                "session_date",
                condition,
                "false",
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Measures of the terms of a return over both windows: (name in the reading's id, value, status, known_at column). -#}
{% macro window_measures(indicator_id, names) -%}
    {%- set found = [] -%}
    {%- for name, value, status, known_at in names -%}
        {%- for window_id, suffix in [("20d", "_20"), ("since_trough", "_trough")] -%}
            {%- do found.append((
                indicator_id ~ "_" ~ name ~ suffix, value, status, "n_lines", "members", known_at, "session_date",
                "window_id = '" ~ window_id ~ "'", "false",
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
