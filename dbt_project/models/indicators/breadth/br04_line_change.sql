-- BR04: change of the advance-decline lines over 20 sessions (their level means nothing); every session has to count.
{% set lines = [("ra_20", "rana"), ("line_20", "net_advances")] %}
with
    changes as (
        select
            *,
            -- sums of decimals, so exact
            {% for name, step in lines %}
                sum(cast({{ step }} as decimal(18, 6))) over last_20 as {{ name }},
            {% endfor %}
            count(rana) over last_20 as sessions_used
        from {{ ref("int_breadth") }}
        where is_default and segment_type = 'universe'
        window last_20 as (partition by universe_id order by session_date rows between 19 preceding and current row)
    ),
    readings as (
        {% for name, step in lines %}
            select
                'BR04_{{ name }}' as reading_id,
                universe_id as entity_id,
                session_date,
                session_date as obs_period,
                {{ name }} as value,
                case
                    when status_counts <> 'OK' then status_counts when sessions_used < 20 then 'WARMUP' else 'OK'
                end as status,
                sessions_used as n_used,
                20 as n_expected,
                known_at
            from changes
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "BR04") }}
