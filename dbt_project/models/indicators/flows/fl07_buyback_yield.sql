-- FL07: what the members bought back over their last four reported quarters, percent of their market value; net of what
-- they issued (companies that tell both lines). A company without the line is not counted, so n_used says of how many
-- issuers this speaks; that enough of the universe is read at all is told by any line of its cash flow.
with
    readings as (
        {% for name in ["gross", "net"] %}
            select
                'FL07_{{ name }}' as reading_id,
                universe_id as entity_id,
                session_date,
                period_end as obs_period,
                {{ name }}_pct as value,
                status,
                n_{{ name }} as n_used,
                issuers as n_expected,
                known_at
            from {{ ref("int_buybacks") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "FL07") }}
