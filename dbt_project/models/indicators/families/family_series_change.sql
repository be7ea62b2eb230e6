-- Change of a daily series over `span` sessions: what is known now minus what was known then, times `scale`. Without
-- one of the two it says why: the reason of today's value, else that of the value then, else the series began since.
with
    known as (
        select *, count(value) over (partition by series_id order by session_no) as values_so_far
        from {{ ref("int_series_as_known") }}
    ),
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            n.series_id as entity_id,
            n.session_date,
            n.observation_date as obs_period,
            i.scale * (n.value - b.value) as value,
            case
                when n.status <> 'OK'
                then n.status
                when b.value is not null
                then 'OK'
                when b.status in ('STALE_INPUT', 'SUSPECT_INPUT')
                then b.status
                else 'WARMUP'
            end as status,
            n.values_so_far - coalesce(b.values_so_far - cast(b.value is not null as integer), 0) as n_used,
            i.span + 1 as n_expected,
            n.released_at as known_at
        from {{ ref("indicators") }} as i
        inner join known as n on n.series_id = i.subject and n.released_at is not null
        left join known as b on b.series_id = n.series_id and b.session_no = n.session_no - i.span
        where i.family = 'series_change'
    )
    {{ readings("readings") }}
