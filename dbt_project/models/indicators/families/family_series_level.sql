-- A daily series as known at each session, times `scale`. Where the whole past is estimated anew all the time, what is
-- held of it is not what was known.
with
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            s.series_id as entity_id,
            s.session_date,
            s.observation_date as obs_period,
            i.scale * s.value as value,
            s.status,
            cast(s.value is not null as integer) as n_used,
            1 as n_expected,
            s.released_at as known_at,
            m.revision_kind = 'vintage' as is_reconstructed
        from {{ ref("indicators") }} as i
        inner join {{ ref("int_series_as_known") }} as s on s.series_id = i.subject and s.released_at is not null
        inner join {{ ref("series") }} as m on m.series_id = i.subject
        where i.family = 'series_level'
    )
    {{ readings("readings", reconstructed="is_reconstructed") }}
