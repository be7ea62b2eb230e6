-- MP07: change of the 10-year real yield over 60 sessions as known, in basis points.
with
    readings as (
        select
            'MP07_d60' as reading_id,
            series_id as entity_id,
            session_date,
            observation_date as obs_period,
            100 * change_60 as value,
            case
                when status <> 'OK' then status when change_60 is null then coalesce(status_60, 'WARMUP') else 'OK'
            end as status,
            n_60 as n_used,
            60 + 1 as n_expected,
            released_at as known_at
        from {{ ref("int_series_changes") }}
        where series_id = 'DFII10' and released_at is not null
    )
    {{ readings("readings", "MP07") }}
