{# Statuses of shares of a window's return, one column per window named (status_share_<name>, from status_<name> and
   index_return_<name>): of a move below half a percent no share is told, the quotient would say anything. -#}
{% macro share_statuses(names) -%}
    {% for name in names %}
        case
            when status_{{ name }} = 'OK' and abs(index_return_{{ name }}) < 0.005
            then 'UNDEFINED'
            else status_{{ name }}
        end as status_share_{{ name }}
        {%- if not loop.last %}, {% endif %}
    {% endfor %}
{%- endmacro %}
