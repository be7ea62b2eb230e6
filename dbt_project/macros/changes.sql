{# What a model is told where only the sessions from one on are made (orchestration/evening.py). Two variables of the
   connection say it; where they are not set, as whenever dbt itself runs, every session is made. #}
{# The first session whose rows are made; null where all are. -#}
{% macro first_made() -%} getvariable('first_made') {%- endmacro %}

{# True for the sessions that are made: for a model whose sessions DuckDB cannot push down by itself, through a window or
   into a common table expression that is materialized. -#}
{% macro is_made(session) -%}({{ first_made() }} is null or {{ session }} >= {{ first_made() }}) {%- endmacro %}

{# The session from which on inputs named in `meta.look_back_in` are read: `meta.look_back` sessions earlier. -#}
{% macro first_read() -%} coalesce(getvariable('first_read'), date '0001-01-01') {%- endmacro %}

{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {%- if not execute or relation.identifier not in model.config.meta.get("look_back_in", []) %}
        {{ return(relation) }}
    {% endif -%}
    {{ return("(select * from " ~ relation ~ " where session_date >= " ~ first_read() ~ ")") }}
{%- endmacro %}

{# Of an input read from a session on also the newest older row of each `entity`. -#}
{% macro newest_before_first_read(name, entity) -%}
    {%- set relation = builtins.ref(name) -%}
    union all by name
    select *
    from {{ relation }}
    where
        session_date < {{ first_read() }}
        and ({{ entity }}, session_date) in (
            select ({{ entity }}, max(session_date))
            from {{ relation }}
            where session_date < {{ first_read() }}
            group by {{ entity }}
        )
{%- endmacro %}

{# Whether only the sessions of the last weeks are made: what looks back session by session may then be told one by one. -#}
{% macro few_sessions_made() -%}
    coalesce(date_diff('day', {{ first_made() }}, cast({{ as_of() }} as date)) <= 30, false)
{%- endmacro %}
