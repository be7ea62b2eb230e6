-- MP10: change of the Chicago Fed's index of financial conditions over 13 weeks, inside one publication: the whole
-- past is estimated anew every week, so weeks of two publications are not compared.
with
    changes as (
        select
            known_at,
            max(value) filter (where obs_period = newest_period)
            - max(value) filter (where obs_period = newest_period - interval 91 day) as change
        from {{ ref("int_macro_panel") }}
        where series_id = 'NFCI'
        group by known_at
    ),
    readings as (
        select
            'MP10_d13w' as reading_id,
            'US' as entity_id,
            k.session_date,
            k.obs_period,
            c.change as value,
            case when k.status <> 'OK' then k.status when c.change is null then 'WARMUP' else 'OK' end as status,
            1 + cast(c.change is not null as integer) as n_used,
            2 as n_expected,
            k.known_at,
            k.is_reconstructed
        from {{ ref("int_macro_sessions") }} as k
        inner join changes as c on c.known_at = k.known_at
        where k.series_id = 'NFCI'
    )
    {{ readings("readings", "MP10", reconstructed="is_reconstructed") }}
