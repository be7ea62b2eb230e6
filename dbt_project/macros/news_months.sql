{# Readings of months of an index that counts newspapers, as it stood at the snapshot. `told` lists (index, reading, whether
   it is the rank); relations are arguments, so that a model still names what it reads. -#}
{% macro news_month_readings(told, ranks) -%}
    {% for index_id, name, is_rank in told %}
        select
            '{{ name }}' as reading_id,
            index_id as entity_id,
            session_date,
            month as obs_period,
            {% if is_rank %} percentile_10y
            {% else %} value
            {% endif %} as value,
            case
                when status <> 'OK'
                then status
                {% if is_rank %} when percentile_10y is null then 'WARMUP' {% endif %}
                else 'OK'
            end as status,
            {% if is_rank %} n_months
            {% else %} 1
            {% endif %} as n_used,
            {% if is_rank %} 120
            {% else %} 1
            {% endif %} as n_expected,
            known_at,
            is_reconstructed
        from {{ ranks }}
        where index_id = '{{ index_id }}' and session_date >= date '2015-01-02'
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{%- endmacro %}
