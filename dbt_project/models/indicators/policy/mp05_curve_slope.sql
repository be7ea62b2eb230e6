-- MP05: 10-year minus 2-year Treasury yield as known, in basis points. Below 0 is inverted.
with
    readings as (
        select
            'MP05_2s10s' as reading_id,
            'US' as entity_id,
            a.session_date,
            least(a.observation_date, b.observation_date) as obs_period,
            100 * (a.value - b.value) as value,
            case
                when a.status <> 'OK'
                then a.status
                when b.status <> 'OK'
                then b.status
                when a.observation_date <> b.observation_date
                then 'NOT_PUBLISHED'
                else 'OK'
            end as status,
            cast(a.value is not null as integer) + cast(b.value is not null as integer) as n_used,
            2 as n_expected,
            greatest(a.released_at, b.released_at) as known_at
        from {{ ref("int_series_as_known") }} as a
        inner join {{ ref("int_series_as_known") }} as b on b.session_date = a.session_date and b.series_id = 'DGS2'
        where a.series_id = 'DGS10' and a.released_at is not null and b.released_at is not null
    )
    {{ readings("readings", "MP05") }}
