-- XA04: 60-session beta of bitcoin on the headline index, canonical alignment.
with
    readings as (
        select
            'XA04_btc_60' as reading_id,
            c.asset_x || '~' || c.asset_y as entity_id,
            c.session_date,
            c.window_end as obs_period,
            c.beta_of_y as value,
            c.status,
            c.n_obs as n_used,
            60 as n_expected,
            c.known_at
        from {{ ref("int_correlations") }} as c
        inner join {{ ref("correlation_assets") }} as x on x.asset_id = c.asset_x and x.world = '{{ var("world") }}'
        where c.asset_y = 'BTC' and c.window_sessions = 60 and c.is_default and x.sort_order = 1
    )
    {{ readings("readings", "XA04") }}
