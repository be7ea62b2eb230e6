{# The status of a return from bar `b` to bar `n` of int_prices: a bar in doubt, not traded, or without payouts listed
   is no end of it, at the newest end first; before the first bar (`is_too_early`) and across eras there is none. #}
{% macro span_status(is_too_early) -%}
    case
        {% for bar in ["n", "b"] %}
            {% if loop.last %} when {{ is_too_early }} then 'WARMUP' {% endif %}
            when {{ bar }}.doubt is not null
            then 'SUSPECT_INPUT'
            when {{ bar }}.is_traded is not true
            then 'STALE_INPUT'
            when {{ bar }}.has_no_actions
            then 'NO_ACTIONS'
        {% endfor %}
        when b.era <> n.era
        then 'WARMUP'
        else 'OK'
    end
{%- endmacro %}
