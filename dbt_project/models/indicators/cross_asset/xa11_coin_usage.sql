-- XA11: how much busier the network of a coin is over the last 7 days than over the last 90, by active addresses, by
-- transactions and by fees, in percent; and how many coins more a day flow to exchanges, net, over the 7 days than over
-- the 90 (a net flow may be none, so no ratio). Every day of both is needed.
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
            union all
        {% endfor %}
        select
            'XA11_' || asset || '_' || kind as reading_id,
            'CR:' || upper(asset) as entity_id,
            session_date,
            observed_on as obs_period,
            case
                when kind = 'fees' then 100 * (week_mean / nullif(quarter_mean, 0) - 1) else week_mean - quarter_mean
            end as value,
            status,
            n_days as n_used,
            90 as n_expected,
            known_at
        from {{ ref("int_coin_flows") }}
    )
    {{ readings("readings", "XA11") }}
