-- FL10: margin stress of the newest month told, known about three weeks after its end: margin debt fell by 5 % or more
-- while the headline index fell.
with
    readings as (
        select
            'FL10_stress' as reading_id,
            'US' as entity_id,
            session_date,
            month_end as obs_period,
            cast(debit_change_1m <= -5 and index_change_1m < 0 as integer) as value,
            case
                when status <> 'OK'
                then status
                when month = first_month
                then 'WARMUP'
                when debit_change_1m is null or index_change_1m is null
                then 'LOW_COVERAGE'
                else 'OK'
            end as status,
            1 + cast(debit_change_1m is not null as integer) as n_used,
            2 as n_expected,
            month_known_at as known_at
        from {{ ref("int_margin_debt") }}
    )
    {{ readings("readings", "FL10") }}
