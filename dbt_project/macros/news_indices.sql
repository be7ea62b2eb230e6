{# Readings of an index that counts newspapers, as it stood at the snapshot. `told` lists (index, reading, expression over
   int_news_indices, days it is made of). Counts are stale when the newest day is older than the vendor's pace allows.
   Relations are arguments, so that a model still names what it reads. -#}
{% macro news_readings(told, indices, calendar) -%}
    {% for index_id, name, value, days in told %}
        select
            '{{ name }}' as reading_id,
            i.index_id as entity_id,
            c.session_date,
            i.observed_on as obs_period,
            {{ value }} as value,
            case
                when c.session_date - i.observed_on > {% if index_id == "epu" %} 5 {% else %} 21 {% endif %}
                then 'STALE_INPUT'
                when {{ value }} is null
                then 'WARMUP'
                else 'OK'
            end as status,
            {% if days == 3652 %} least(i.n_10y, 3652)
            {% else %} case when {{ value }} is null then 0 else {{ days }} end
            {% endif %} as n_used,
            {{ days }} as n_expected,
            i.known_at,
            i.is_reconstructed
        from {{ indices }} as i
        inner join {{ calendar }} as c on c.session_no = i.session_no
        where i.index_id = '{{ index_id }}' and c.session_date >= date '2015-01-02'
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{%- endmacro %}
