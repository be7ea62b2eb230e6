-- MP02: the effective rate that futures imply for 3, 6 and 12 months ahead and for the end of the year
-- (int_rate_horizons).
with
    readings as (
        select
            'MP02_' || horizon as reading_id,
            'US' as entity_id,
            session_date,
            session_date as obs_period,
            end_rate as value,
            -- the rate needs no effective rate of today
            case
                when end_rate is not null and status not in ('NOT_AVAILABLE', 'UNDEFINED') then 'OK' else status
            end as status,
            cast(end_rate is not null as integer) as n_used,
            1 as n_expected,
            snapshot_at as known_at
        from {{ ref("int_rate_horizons") }}
    )
    {{ readings("readings", "MP02") }}
