-- EA07: change of what the same companies are expected to earn over the next four quarters, against four and thirteen
-- weeks before, percent; from our own archive only, and not before thirteen weeks of it are held.
with
    readings as (
        {% for weeks in [4, 13] %}
            select
                'EA07_{{ weeks }}w' as reading_id,
                universe_id as entity_id,
                session_date,
                session_date as obs_period,
                change_{{ weeks }}w as value,
                case
                    when not is_held
                    then 'WARMUP'
                    when n_{{ weeks }}w < 0.6 * n_now or n_now = 0
                    then 'LOW_COVERAGE'
                    else 'OK'
                end as status,
                n_{{ weeks }}w as n_used,
                members as n_expected,
                known_at
            from {{ ref("int_forecast_revisions") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "EA07") }}
