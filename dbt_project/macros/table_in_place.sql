{# A table where it will stay: dropped and made again in one transaction.

   dbt-duckdb builds beside, renames twice and drops, so that others can read the old table meanwhile. Nobody reads the
   build file, a failed build is not published, and the steps of that dance were a third of dbt's own time. Docs are not
   written here either: the candidate gets them from the manifest.

   A model with `keeps_former: true` may take over from the table that it replaces what its input has not changed; while
   it is made, that table is there as <name>__former. -#}
{% materialization table, adapter = 'duckdb', supported_languages = ['sql', 'python'] %}
    {%- set target = begin_table() -%}
    {% call statement('main', language=model['language']) -%}
        {{ create_table_as(False, target, compiled_code, model['language']) }}
    {%- endcall %}
    {{ return(end_table(target)) }}
{% endmaterialization %}

{# The same: dbt makes whole tables. Of such a one an evening makes the sessions from the first that can differ on, and
   keeps those before (orchestration/evening.py), so its model must tell each session from that and earlier ones alone. -#}
{% materialization by_session, adapter = 'duckdb', supported_languages = ['sql', 'python'] %}
    {%- set target = begin_table() -%}
    {% call statement('main', language=model['language']) -%}
        {{ create_table_as(False, target, compiled_code, model['language']) }}
    {%- endcall %}
    {{ return(end_table(target)) }}
{% endmaterialization %}

{% macro begin_table() -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set former = make_intermediate_relation(target, '__former') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do adapter.drop_relation(former) %}
    {% if existing is not none and config.get('keeps_former', false) %}
        {% do adapter.rename_relation(existing, former) %} {% do adapter.commit() %}
    {% elif existing is not none %} {% do adapter.drop_relation(existing) %}
    {% endif %}
    {{ return(target) }}
{%- endmacro %}

{% macro end_table(target) -%}
    {% do adapter.drop_relation(make_intermediate_relation(target, '__former')) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmacro %}
