-- MP09: change of the upper policy target over 126 sessions, in basis points; below 0 is easing.
with
    readings as (
        select
            'MP09_d126' as reading_id,
            series_id as entity_id,
            session_date,
            observation_date as obs_period,
            100 * change_126 as value,
            case
                when status <> 'OK' then status when change_126 is null then coalesce(status_126, 'WARMUP') else 'OK'
            end as status,
            n_126 as n_used,
            126 + 1 as n_expected,
            released_at as known_at
        from {{ ref("int_series_changes") }}
        where series_id = 'DFEDTARU' and released_at is not null
    )
    {{ readings("readings", "MP09") }}
