{# What a build that begins on the last one asks of schema `changes` (warehouse/changes.py). -#}
{# The date that stands for: no session bounds what changed. -#}
{% macro everything() -%} {{ return("0001-01-01") }} {%- endmacro %}

{# The rows of a query, by the shortest way dbt has. -#}
{% macro rows_of(query) -%} {{ return(adapter.execute(query, fetch=true)[1].rows) }} {%- endmacro %}

{# From which session on `relation` can differ: changed_from by all columns of its inputs, reaches_from without those
   that speak of the newest state only (`meta.now_columns` of an input), and as many sessions earlier as its rows look
   ahead (`meta.looks_ahead`). None where the build makes every table anew. -#}
{% macro due_from(relation) -%}
    {%- if not (execute and var("changes", false)) %} {{ return(none) }} {% endif -%}
    {%- set row = rows_of(
        "select cast(min(coalesce(f.changed_from, case when f.relation is null then date '"
        ~ everything()
        ~ "' end)) as varchar), cast(min(coalesce(f.reaches_from, case when f.relation is null then date '"
        ~ everything()
        ~ "' end)) as varchar) from changes.reads as r left join changes.found as f on f.relation = r.input"
        ~ " where r.relation = '"
        ~ relation.schema
        ~ "."
        ~ relation.identifier
        ~ "'"
    )[0] -%}
    {%- if row[1] is none or row[1] == everything() or "looks_ahead" not in model.config.meta %}
        {{ return({"changed_from": row[0], "reaches_from": row[1]}) }}
    {% endif -%}
    {%- set before = rows_of(
        "select cast(min(date) as varchar) from (select date from seeds.calendar where is_session and date < date '"
        ~ row[1]
        ~ "' order by date desc limit "
        ~ model.config.meta.looks_ahead
        ~ ")"
    )[0] -%}
    {{ return({"changed_from": row[0], "reaches_from": before[0]}) }}
{%- endmacro %}

{% macro note_of_change(changed_from, reaches_from) -%}
    insert into changes.found
    values (
        '{{ this.schema }}.{{ this.identifier }}',
    {{ "null" if changed_from is none else "date '" ~ changed_from ~ "'" }},
    {{ "null" if reaches_from is none else "date '" ~ reaches_from ~ "'" }}
    )
{%- endmacro %}

{# The first session whose rows differ between two tables of the same columns, from `since` on; none where none does.
   Rows are compared by sums of hashes, as content hashes are; the hash does not tell the sign of zero, so it is added. -#}
{% macro first_difference(former, fresh, since=none) -%}
    {#- the list of all columns of the database, which SQL can filter, takes thirty times as long -#}
    {%- set columns = rows_of(
        "select name, type from pragma_table_info('" ~ former.schema ~ "." ~ former.identifier ~ "')"
    ) -%}
    {%- set now_columns = model.config.meta.get("now_columns", []) -%}
    {%- set names = columns | map(attribute=0) | list -%}
    {#- The day from which on a row can matter: that of its session, else when it was known (20:00 New York is the next day in
        UTC, so a day earlier) or began to hold, else that of its observation. Names of things have none. -#}
    {%- set known = "cast(known_at - interval 1 day as date)" -%}
    {%- set session = namespace(of="null") -%}
    {%- for name, expression in (
        ("observation_date", "observation_date"),
        ("session_no", "(select c.session_date from intermediate.int_calendar as c where c.session_no = t.session_no)"),
        ("known_at", "least(" ~ known ~ ", valid_from)" if "valid_from" in names else known),
        ("session_date", "session_date"),
    ) -%}
        {%- if name in names and not model.config.meta.get("undated", false) %}
            {%- set session.of = expression -%}
        {% endif -%}
    {%- endfor -%}
    {%- set cells, lasting = [], [] -%}
    {%- for column in columns -%}
        {%- set name = adapter.quote(column[0]) -%}
        {%- set told = [name] + (["signbit(" ~ name ~ ")"] if column[1] in ("DOUBLE", "FLOAT") else []) -%}
        {%- do cells.extend(told) -%}
        {%- if column[0] not in now_columns %} {%- do lasting.extend(told) -%} {% endif -%}
    {%- endfor -%}
    {%- set sides = [] -%}
    {%- for side, sign in ((former, "-"), (fresh, "")) -%}
        {%- do sides.append(
            "select coalesce("
            ~ session.of
            ~ ", date '"
            ~ everything()
            ~ "') as s, "
            ~ sign
            ~ "1 as n, "
            ~ sign
            ~ "cast(hash("
            ~ cells
            | join(", ")
            ~ ") as hugeint) as h"
            ~ (", " ~ sign ~ "cast(hash(" ~ lasting | join(", ") ~ ") as hugeint) as k" if now_columns else "")
            ~ " from "
            ~ side
            ~ " as t"
            ~ ("" if since is none else " where session_date >= date '" ~ since ~ "'")
        ) -%}
    {%- endfor -%}
    {%- set row = rows_of(
        "select cast(min(s) as varchar), cast(min(s) filter (differs) as varchar) from (select s, "
        ~ ("sum(n) <> 0 or sum(k) <> 0" if now_columns else "true")
        ~ " as differs from ("
        ~ sides
        | join(" union all ")
        ~ ") group by s having sum(n) <> 0 or sum(h) <> 0)"
    )[0] -%}
    {{ return({"changed_from": row[0], "reaches_from": row[1]}) }}
{%- endmacro %}

{# Every `ref` of a model that is made by session reads its input from `meta.look_back` sessions before the first that can
   differ on, where only the sessions since then are made. -#}
{% macro ref() -%}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {%- if not (execute and var("changes", false)) or relation.is_cte %} {{ return(relation) }} {% endif -%}
    {%- set meta = model.config.meta -%}
    {%- if model.config.materialized != "by_session" or "look_back" not in meta or relation.identifier in meta.get(
        "whole", []
    ) %}
        {{ return(relation) }}
    {% endif -%}
    {%- set first = first_read() -%}
    {%- if first is none or relation.schema ~ "." ~ relation.identifier not in first.dated %}
        {{ return(relation) }}
    {% endif -%}
    {{ return("(select * from " ~ relation ~ " where session_date >= date '" ~ first.session ~ "')") }}
{%- endmacro %}

{# The first session whose rows this model reads, and which of its inputs have sessions; none where it reads them whole. -#}
{% macro first_read() -%}
    {%- if "first_read" not in model -%}
        {%- set since = due_from(this).reaches_from -%}
        {%- if since is none or since == everything() %} {%- do model.update({"first_read": none}) -%}
        {%- else -%}
            {%- set row = rows_of(
                "select cast(coalesce(min(date), date '"
                ~ everything()
                ~ "') as varchar), (select string_agg(d.relation, ' ') from changes.dated as d inner join changes.reads as r"
                ~ " on r.input = d.relation where r.relation = '"
                ~ this.schema
                ~ "."
                ~ this.identifier
                ~ "') from (select date from seeds.calendar where is_session and date < date '"
                ~ since
                ~ "' order by date desc limit "
                ~ (model.config.meta.look_back + 5)
                ~ ")"
            )[0] -%}
            {%- do model.update({"first_read": {"session": row[0], "dated": (row[1] or "").split(" ")}}) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(model.first_read) }}
{%- endmacro %}

{# For a model that reads an input from a session on (`meta.look_back`): the newest older row of each `entity`, too. -#}
{% macro newest_before_first_read(name, entity) -%}
    {%- set relation = builtins.ref(name) -%}
    {%- if execute and var("changes", false) and model.config.materialized == "by_session" -%}
        {%- set first = first_read() -%}
        {%- if first is not none %}
            union all by name
            select *
            from {{ relation }}
            where
                session_date < date '{{ first.session }}'
                and ({{ entity }}, session_date) in (
                    select ({{ entity }}, max(session_date))
                    from {{ relation }}
                    where session_date < date '{{ first.session }}'
                    group by {{ entity }}
                )
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Whether only the sessions of the last weeks are made: what looks back session by session may then be told one by one. -#}
{% macro few_sessions_made() -%}
    {%- set due = due_from(this) -%}
    {%- if due is none or due.reaches_from is none %} {{ return(false) }} {% endif -%}
    {%- set since = modules.datetime.date.fromisoformat(due.reaches_from) -%}
    {%- set until = modules.datetime.date.fromisoformat(var("as_of")[:10]) -%}
    {{ return((until - since).days <= 30) }}
{%- endmacro %}
