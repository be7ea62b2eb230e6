-- MA10: surprise of the newest release of each measure in deviations of earlier surprises of its kind: what was printed
-- first less what was expected (consensus, nowcast), or less the figure before where nothing else is held. It is news
-- as long as the figure itself; of a figure under an old date nobody knows how it surprised.
with
    known as (
        select
            m.measure_id,
            k.session_date,
            k.obs_period,
            k.status as status_of_series,
            k.known_at as series_known_at,
            r.known_at,
            r.surprise_z,
            coalesce(r.status_surprise_z, 'NOT_AVAILABLE') as status_surprise_z,
            r.n_past
        from {{ ref("release_measures") }} as m
        inner join {{ ref("int_macro_sessions") }} as k on k.series_id = m.series_id
        left join
            {{ ref("int_release_figures") }} as r
            on r.measure_id = m.measure_id
            and r.obs_period = k.obs_period
            and r.known_at <= k.snapshot_at
            and not r.is_reconstructed
    ),
    readings as (
        select
            'MA10_' || measure_id as reading_id,
            'US' as entity_id,
            session_date,
            obs_period,
            surprise_z as value,
            case when status_of_series <> 'OK' then status_of_series else status_surprise_z end as status,
            coalesce(n_past, 0) as n_used,
            24 as n_expected,
            coalesce(known_at, series_known_at) as known_at
        from known
    )
    {{ readings("readings", "MA10") }}
