-- VS07: correlation of the members that the volatility of the index implies, given their own realised volatilities and
-- weights: (index^2 - parts) / (mean^2 - parts), where parts is the sum of squared weights times squared volatilities.
-- With the VIX for the index it mixes what is expected with what was; one outside 0 to 1 is kept and says so.
with
    readings as (
        {% for name, value, known in [
            ("implied", "implied_correlation", "vix_known_at"),
            ("realised", "realised_correlation", "realised_known_at"),
        ] %}
            select
                'VS07_{{ name }}' as reading_id,
                universe_id as entity_id,
                session_date,
                session_date as obs_period,
                {{ value }} as value,
                status_{{ value }} as status,
                weighed_vol as n_used,
                members as n_expected,
                greatest(weighed_known_at, {{ known }}) as known_at
            from {{ ref("int_volatility_sessions") }}
            where status_weights is not null
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "VS07", text="case when value not between 0 and 1 then 'outside 0 to 1' end") }}
