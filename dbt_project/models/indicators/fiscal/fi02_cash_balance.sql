-- FI02: change of the Treasury's cash balance over 20 statements. Below 0 the account was drawn down, which
-- adds liquidity to banks; what it is filled with is taken from them.
with
    readings as (
        select
            'FI02_20d' as reading_id,
            'US' as entity_id,
            session_date,
            coalesce(cash_on, session_date) as obs_period,
            change_usd as value,
            status_20d as status,
            case when status_20d = 'OK' then 20 else 0 end as n_used,
            20 as n_expected,
            coalesce(known_20d, snapshot_at) as known_at
        from {{ ref("int_fiscal_windows") }}
        where session_date >= date '2015-01-02'
    )
    {{ readings("readings", "FI02") }}
