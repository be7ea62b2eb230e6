{# The calendar quarter (first day) a fiscal quarter belongs to: the one in which its middle lies. So a quarter that ends in
   January counts with December's, one that ends in October with September's. -#}
{% macro fiscal_quarter(fiscal_end) -%} cast(date_trunc('quarter', {{ fiscal_end }} - 45) as date) {%- endmacro %}
