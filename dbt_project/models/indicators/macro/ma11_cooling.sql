-- MA11: core consumer prices are cooling (1) or not (0): three months at a yearly rate below twelve, and the yearly
-- rate not above that of three months ago, all inside one publication.
with
    rates as (
        select
            known_at,
            100 * (pow(max(value) filter (where back = 0) / max(value) filter (where back = 3), 4) - 1) as ann_3m,
            100 * (max(value) filter (where back = 0) / max(value) filter (where back = 12) - 1) as yoy,
            100 * (max(value) filter (where back = 3) / max(value) filter (where back = 15) - 1) as yoy_before,
            count(*) filter (where back in (0, 3, 12, 15)) as months,
            max(first_period) as first_period,
            max(newest_period) as newest_period
        from
            (
                select p.*, datediff('month', p.obs_period, p.newest_period) as back, f.first_period
                from {{ ref("int_macro_panel") }} as p
                cross join
                    (
                        select min(obs_period) as first_period
                        from {{ ref("int_macro_vintages") }}
                        where series_id = 'CPILFESL'
                    ) as f
                where p.series_id = 'CPILFESL'
            )
        group by known_at
    ),
    readings as (
        select
            'MA11' as reading_id,
            'US' as entity_id,
            k.session_date,
            k.obs_period,
            cast(r.ann_3m < r.yoy and r.yoy <= r.yoy_before as integer) as value,
            case
                when k.status <> 'OK'
                then k.status
                when r.months = 4
                then 'OK'
                when r.newest_period - interval 15 month < r.first_period
                then 'WARMUP'
                else 'NOT_PUBLISHED'
            end as status,
            r.months as n_used,
            4 as n_expected,
            k.known_at,
            k.is_reconstructed
        from {{ ref("int_macro_sessions") }} as k
        inner join rates as r on r.known_at = k.known_at
        where k.series_id = 'CPILFESL'
    )
    {{ readings("readings", "MA11", reconstructed="is_reconstructed") }}
