{# A table where it will stay: dropped and made again in one transaction.

   dbt-duckdb builds beside, renames twice and drops, so that others can read the old table meanwhile. Nobody reads the
   build file, a failed build is not published, and the steps of that dance were a third of dbt's own time. Docs are not
   written here either: the candidate gets them from the manifest.

   A model with `keeps_former: true` may take over from the table that it replaces what its input has not changed; while
   it is made, that table is there as <name>__former. -#}
{% materialization table, adapter = 'duckdb', supported_languages = ['sql', 'python'] %}
    {%- set language = model['language'] -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set former = make_intermediate_relation(target, '__former') -%}
    {% do adapter.drop_relation(former) %}
    {% if existing is not none and config.get('keeps_former', false) %}
        {% do adapter.rename_relation(existing, former) %} {% do adapter.commit() %}
    {% elif existing is not none %} {% do adapter.drop_relation(existing) %}
    {% endif %}
    {% call statement('main', language=language) -%}
        {{- create_table_as(False, target, compiled_code, language) }}
    {%- endcall %}
    {% do adapter.drop_relation(former) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
