-- MP03: cuts that futures price, in quarter points (above 0 are cuts) and for a year ahead in basis points (below 0 are
-- cuts); and by how much what is priced for that meeting has changed over 1, 5, 20 and 60 sessions. The meeting is
-- the same at both ends: a horizon that rolls on to the next one would be another question.
with
    levels as (
        select
            'MP03_' || horizon || case when u.unit = 'bp' then '_bp' else '' end as reading_id,
            session_date,
            snapshot_at,
            case when u.unit = 'bp' then priced_bp else - priced_bp / 25 end as value,
            status,
            cast(priced_bp is not null as integer) as n_used,
            1 as n_expected
        from {{ ref("int_rate_horizons") }}
        cross join (values ('bp'), ('cuts')) as u(unit)
        where horizon in ('3m', '6m', '12m') and (u.unit = 'cuts' or horizon = '12m')
    ),
    paths as (select * from {{ ref("int_meeting_odds") }} where variant = 'anchor_both'),
    changes as (
        select
            'MP03_12m_d' || s.span as reading_id,
            n.session_date,
            n.snapshot_at,
            100 * (n.end_rate - b.end_rate) as value,
            case
                when n.status <> 'OK'
                then n.status
                when b.end_rate is not null
                then 'OK'
                when b.status is not null and b.status <> 'OK'
                then b.status
                else 'WARMUP'
            end as status,
            cast(n.end_rate is not null as integer) + cast(b.end_rate is not null as integer) as n_used,
            2 as n_expected
        from {{ ref("int_rate_horizons") }} as n
        cross join (values (1), (5), (20), (60)) as s(span)
        left join
            paths as b
            on b.session_no = n.session_no - s.span
            and b.meeting_date = n.meeting_date
            and b.is_meeting = n.is_meeting
        where n.horizon = '12m'
    ),
    readings as (
        select *, 'US' as entity_id, session_date as obs_period, snapshot_at as known_at
        from levels
        union all by name
        select *, 'US' as entity_id, session_date as obs_period, snapshot_at as known_at
        from changes
    )
    {{ readings("readings", "MP03") }}
