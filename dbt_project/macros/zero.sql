{# Zero has one sign: -0.0 equals 0.0 and hashes otherwise, and a file of the database may keep either. What is rounded
   or is a difference can be -0.0. -#}
{% macro one_zero(value) -%} case when {{ value }} = 0 then 0 else {{ value }} end {%- endmacro %}
