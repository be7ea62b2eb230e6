-- FL05: net flow of all long-term US funds (mutual funds and ETFs) in the newest week and in the newest month told, in
-- dollars, as published first; one entity per kind of fund.
with
    readings as (
        {% for kind in fund_kinds() %}
            select
                'FL05_' || period_kind as reading_id,
                '{{ kind }}' as entity_id,
                session_date,
                period_end as obs_period,
                {{ kind }}_usd as value,
                status,
                1 as n_used,
                1 as n_expected,
                known_at
            from {{ ref("int_combined_flows") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "FL05") }}
