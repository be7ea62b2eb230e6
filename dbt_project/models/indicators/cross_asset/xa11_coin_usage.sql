-- XA11: how much busier the network of a coin is over the last 7 days than over the last 90, by active addresses and by
-- transactions, in percent. Every day of both is needed.
with
    readings as (
        {% for name, metric in [("addresses", "active_addresses"), ("transactions", "transactions")] %}
            select
                'XA11_' || asset || '_{{ name }}' as reading_id,
                'CR:' || upper(asset) as entity_id,
                session_date,
                observed_on as obs_period,
                100 * (week_{{ metric }} / nullif(mean_{{ metric }}, 0) - 1) as value,
                case
                    when is_stale
                    then 'STALE_INPUT'
                    when n_{{ metric }} = 90
                    then 'OK'
                    when is_before
                    then 'WARMUP'
                    else 'NOT_PUBLISHED'
                end as status,
                n_{{ metric }} as n_used,
                90 as n_expected,
                known_at
            from {{ ref("int_coin_usage") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "XA11") }}
