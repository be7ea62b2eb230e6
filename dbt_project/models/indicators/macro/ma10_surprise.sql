-- MA10: surprise of the newest release of each measure in deviations of earlier surprises of its kind: what was printed
-- first less what was expected (consensus, nowcast), or less the figure before where nothing else is held. It is news
-- for
-- 45 days (claims: 10), like the figure itself.
with
    moments as (select *, 1 as version_no from {{ ref("int_release_figures") }} where not is_reconstructed),
    known as (
        select c.session_date, c.snapshot_at, r.*
        from {{ ref("int_calendar") }} as c
        inner join (select distinct measure_id as wanted from moments) as m on true
        asof inner join moments as r on r.measure_id = m.wanted and r.known_at <= c.snapshot_at
    ),
    readings as (
        select
            'MA10_' || measure_id as reading_id,
            'US' as entity_id,
            session_date,
            obs_period,
            surprise_z as value,
            case
                when datediff('day', known_at, snapshot_at) > case when release_id = 'claims' then 10 else 45 end
                then 'STALE_INPUT'
                when status <> 'OK'
                then status
                when surprise is null
                then 'NOT_AVAILABLE'
                when n_past < 24
                then 'WARMUP'
                else 'OK'
            end as status,
            n_past as n_used,
            24 as n_expected,
            known_at
        from known
    )
    {{ readings("readings", "MA10") }}
