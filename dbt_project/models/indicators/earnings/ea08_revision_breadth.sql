-- EA08: forecasts raised less cut over both. EA08: companies whose next four quarters moved by more than a thousandth
-- in four weeks; EA08_analysts: single forecasts, as the vendor counts them. At least fifty changes, and thirteen
-- weeks held.
with
    readings as (
        {% for name, up, down in [("EA08", "raised", "cut"), ("EA08_analysts", "revised_up", "revised_down")] %}
            select
                '{{ name }}' as reading_id,
                universe_id as entity_id,
                session_date,
                session_date as obs_period,
                cast({{ up }} - {{ down }} as double) / nullif({{ up }} + {{ down }}, 0) as value,
                case
                    when not is_held
                    then 'WARMUP'
                    when coalesce({{ up }} + {{ down }}, 0) < 50
                    then 'LOW_COVERAGE'
                    else 'OK'
                end as status,
                coalesce({{ up }} + {{ down }}, 0) as n_used,
                50 as n_expected,
                known_at
            from {{ ref("int_forecast_revisions") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "EA08") }}
