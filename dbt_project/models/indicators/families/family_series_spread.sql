-- One daily series minus another (`subject` minus `against`), as known, times `scale`. Figures of different days
-- are not subtracted.
with
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            'US' as entity_id,
            a.session_date,
            least(a.observation_date, b.observation_date) as obs_period,
            i.scale * (a.value - b.value) as value,
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
        from {{ ref("indicators") }} as i
        inner join {{ ref("int_series_as_known") }} as a on a.series_id = i.subject and a.released_at is not null
        inner join
            {{ ref("int_series_as_known") }} as b
            on b.series_id = i.against
            and b.session_date = a.session_date
            and b.released_at is not null
        where i.family = 'series_spread'
    )
    {{ readings("readings") }}
