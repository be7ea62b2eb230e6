{# The kinds of funds whose flows the ICI tells, as its columns begin: the total, its parts, and their parts. #}
{% macro fund_kinds() %}
    {{ return(["total", "equity", "equity_domestic", "equity_world", "hybrid", "bond", "bond_taxable", "bond_municipal", "commodity"]) }}
{% endmacro %}
