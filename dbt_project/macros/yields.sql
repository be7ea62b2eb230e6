{# The Treasury's yields under the names of their copies at FRED: rows (series_id, observation_date, value, known_at,
   valid_until), every version. `curves` are relations of the par and the real curve by the dataset they come from;
   `twins` is seeds/yield_twins.csv. #}
{% macro treasury_twins(curves, twins) -%}
    {% for dataset, curve in curves.items() %}
        select t.series_id, y.observation_date, y.value, y.known_at, y.valid_until
        from {{ curve }} as y
        inner join {{ twins }} as t on t.dataset = '{{ dataset }}' and t.tenor = y.tenor
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{%- endmacro %}

{# How the curve moved, from the changes of its level and its slope in basis points: within 5 of either says nothing. -#}
{% macro curve_move(level_bp, slope_bp) -%}
    case
        when {{ level_bp }} is null or {{ slope_bp }} is null
        then null
        when abs({{ level_bp }}) < 5 or abs({{ slope_bp }}) < 5
        then 'mixed'
        else
            case when {{ level_bp }} < 0 then 'bull' else 'bear' end
            || case when {{ slope_bp }} > 0 then '_steepener' else '_flattener' end
    end
{%- endmacro %}
