{# A table where it will stay: dropped and made again in one transaction.

   dbt-duckdb builds beside, renames twice and drops, so that others can read the old table meanwhile. Nobody reads the
   build file, a failed build is not published, and the steps of that dance were a third of dbt's own time. Docs are not
   written here either: the candidate gets them from the manifest.

   Where a build begins on what the last one left (warehouse/changes.py), a table of whose inputs none changed stays as it
   is, and one that is made again notes from which session on it differs from what it was.

   A model with `keeps_former: true` may take over from the table that it replaces what its input has not changed; while
   it is made, that table is there as <name>__former. -#}
{% materialization table, adapter = 'duckdb', supported_languages = ['sql', 'python'] %}
    {%- set step = begin_table(whole=true) -%}
    {% if step.into is none %} {% call noop_statement('main', 'KEPT', 'KEPT', 0) -%} {{ "kept" }} {%- endcall %}
    {% else %} {% call statement('main', language=model['language']) -%} {{ table_of(step) }} {%- endcall %}
    {% endif %}
    {{ return(end_table(step)) }}
{% endmaterialization %}

{# A table of which the sessions from the first that can differ are made again, and exchanged where they do differ; those
   before stay. Its model must tell each session from that and earlier ones alone: it is given its inputs from
   `meta.look_back` sessions before that one on, but for those it names in `meta.whole`. Where something without a
   session changed, and in a whole build, it is made like any other table. -#}
{% materialization by_session, adapter = 'duckdb', supported_languages = ['sql', 'python'] %}
    {%- set step = begin_table(whole=false) -%}
    {% if step.into is none %} {% call noop_statement('main', 'KEPT', 'KEPT', 0) -%} {{ "kept" }} {%- endcall %}
    {% else %} {% call statement('main', language=model['language']) -%} {{ table_of(step) }} {%- endcall %}
    {% endif %}
    {{ return(end_table(step)) }}
{% endmaterialization %}

{# How a table comes to be: `into` what its rows are written (none: it stays as it is), what it is compared with. -#}
{% macro begin_table(whole) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set due = none if existing is none else due_from(this) -%}
    {%- set former = make_intermediate_relation(target, '__former') -%}
    {%- set fresh = make_intermediate_relation(target, '__fresh') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if due is not none and (due.changed_from is none or (not whole and due.reaches_from is none)) %}
        {{ return({"target": target, "into": none, "former": none, "notes": true}) }}
    {% elif due is not none and not whole and due.reaches_from != everything() %}
        {% if model['language'] == 'sql' %}
            {% do adapter.execute("create table " ~ fresh ~ " as select * from " ~ target ~ " limit 0") %}
        {% endif %}
        {{ return({"target": target, "into": fresh, "former": none, "notes": true, "since": due.reaches_from}) }}
    {% elif due is not none %} {% do adapter.execute("alter table " ~ target ~ " rename to " ~ former.identifier) %}
    {% else %}
        {% do adapter.drop_relation(former) %}
        {% if existing is not none and config.get('keeps_former', false) %}
            {% do adapter.rename_relation(existing, former) %} {% do adapter.commit() %}
        {% elif existing is not none %} {% do adapter.drop_relation(existing) %}
        {% endif %}
    {% endif %}
    {{ return({"target": target, "into": target, "former": former, "notes": due is not none}) }}
{%- endmacro %}

{% macro table_of(step) -%}
    {%- if step.since is defined and model['language'] == 'sql' -%}
        insert into {{ step.into }} by name
        select *
        from ({{ compiled_code }})
        where session_date >= date '{{ step.since }}'
    {%- else -%} {{ create_table_as(False, step.into, compiled_code, model['language']) }}
    {%- endif -%}
{%- endmacro %}

{# dbt spends more on each statement than the database: those that need no answer go together. -#}
{% macro end_table(step) -%}
    {%- set found = {"changed_from": none, "reaches_from": none} -%}
    {%- set last = [] -%}
    {% if step.since is defined %}
        {%- set found = first_difference(step.target, step.into, step.since) -%}
        {%- set since = "where session_date >= date '" ~ found.changed_from ~ "'" -%}
        {% if found.changed_from is not none %}
            {%- do last.append("delete from " ~ step.target ~ " " ~ since) -%}
            {%- do last.append(
                "insert into " ~ step.target ~ " by name select * from " ~ step.into ~ " " ~ since
            ) -%}
        {% endif %}
        {%- do last.append("drop table " ~ step.into) -%}
    {% elif step.into is not none %}
        {% if step.notes %} {%- set found = first_difference(step.former, step.into) -%}
        {% endif %}
        {%- do last.append("drop table if exists " ~ step.former) -%}
    {% endif %}
    {% if step.notes %} {%- do last.append(note_of_change(found.changed_from, found.reaches_from)) -%} {% endif %}
    {% do adapter.execute(last | join(";\n")) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [step.target]}) }}
{%- endmacro %}
