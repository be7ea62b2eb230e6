{# What the contributions of a window leave of the index's price return, in basis points. `named` gives the reading of each
   window; the relations are arguments, so that a model still names what it reads. -#}
{% macro residual_readings(indicator_id, named, windows, contributions, sources) -%}
    with
        explained as (
            select window_id, session_no, sum(cast(contribution as decimal(18, 15))) as explained
            from {{ contributions }}
            group by window_id, session_no
        ),
        readings as (
            select
                case
                    w.window_id {% for window_id, name in named %} when '{{ window_id }}' then '{{ name }}' {% endfor %}
                end as reading_id,
                w.index_id as entity_id,
                w.session_date,
                w.session_date as obs_period,
                round(10000 * (w.index_return - cast(e.explained as double)), 6) as value,
                w.status,
                s.n_sized as n_used,
                s.members as n_expected,
                w.known_at
            from {{ windows }} as w
            inner join {{ sources }} as s on s.universe_id = w.universe_id and s.session_no = w.session_no
            left join explained as e on e.window_id = w.window_id and e.session_no = w.session_no
            where
                w.window_id
                in ({% for window_id, name in named %}'{{ window_id }}'{% if not loop.last %}, {% endif %} {% endfor %})
        )
        {{ readings("readings", indicator_id) }}
{%- endmacro %}
