-- XA11: how much more is paid on the network of a coin over the last 7 days than over the last 90, in percent; and how
-- many coins more a day flow to exchanges, net, over the 7 days than over the 90 (a net flow may be none, so no ratio).
with
    readings as (
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
