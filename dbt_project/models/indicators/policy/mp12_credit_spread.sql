-- MP12: change of the high-yield spread over 20 sessions as known, in basis points; below 0 is easier credit.
with
    readings as (
        select
            'MP12_hy_d20' as reading_id,
            series_id as entity_id,
            session_date,
            observation_date as obs_period,
            100 * change_20 as value,
            case
                when status <> 'OK' then status when change_20 is null then coalesce(status_20, 'WARMUP') else 'OK'
            end as status,
            n_20 as n_used,
            20 + 1 as n_expected,
            released_at as known_at
        from {{ ref("int_series_changes") }}
        where series_id = 'BAMLH0A0HYM2' and released_at is not null
    )
    {{ readings("readings", "MP12") }}
