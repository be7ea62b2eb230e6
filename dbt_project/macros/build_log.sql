{# Every mart notes the build that made it; publishing refuses marts that this build did not rebuild. -#}
{% macro open_build_log() -%}
    create schema if not exists build_log;
    create table if not exists build_log.marts (mart varchar, build_id varchar);
    delete from build_log.marts
    ;
{%- endmacro %}

{% macro note_mart() -%}
    insert into build_log.marts values ('{{ this.name }}', '{{ var("build_id") }}')
{%- endmacro %}
