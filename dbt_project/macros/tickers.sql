{# Whom a ticker in a vendor's file means. Belongs here: spelling, and who bore a ticker on which day. #}
{# Letters and digits alone: vendors write a class of shares with a dot, a hyphen or nothing. -#}
{% macro bare_ticker(ticker) -%} regexp_replace({{ ticker }}, '[^A-Z0-9]', '', 'g') {%- endmacro %}

{# Spells (instrument_id, bare ticker, valid_from, valid_to) of all stocks. One with a history of symbols bore what that
   says and nothing else; one without always bore its own. Use it with `{{ holds_at(...) }}` on the day of the file.
   Relations are arguments, so that a model still names what it reads. -#}
{% macro ticker_spells(symbols, instruments) -%}
    select instrument_id, {{ bare_ticker("symbol") }} as ticker, valid_from, valid_to
    from {{ symbols }}
    where world = '{{ var("world") }}'
    union all
    select instrument_id, {{ bare_ticker("symbol") }}, date '1900-01-01', null
    from {{ instruments }}
    where
        asset_class = 'stock'
        and instrument_id not in (select instrument_id from {{ symbols }} where world = '{{ var("world") }}')
{%- endmacro %}
