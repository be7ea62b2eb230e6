{# The name of an index whose changes move index funds, by its id in int_rebalances. -#}
{% macro index_name(index_id) -%}
    case
        {{ index_id }}
        when 'sp500'
        then 'S&P 500'
        when 'nasdaq100'
        then 'Nasdaq-100'
        when 'russell'
        then 'Russell indices'
        when 'msci'
        then 'MSCI indices'
    end
{%- endmacro %}
