-- CM03: by how much consumer prices rise (percent) within three months when oil rises by 1 %: sum of the slopes of the
-- monthly change on oil's in the same month and the two before, 120 months of one publication, 60 at least.
with
    readings as (
        select
            'CM03' as reading_id,
            'US' as entity_id,
            k.session_date,
            k.obs_period,
            p.slope_sum as value,
            case when k.status <> 'OK' then k.status when p.n_months < 60 then 'WARMUP' else 'OK' end as status,
            p.n_months as n_used,
            120 as n_expected,
            k.known_at,
            k.is_reconstructed
        from {{ ref("int_macro_sessions") }} as k
        inner join {{ ref("int_pass_through") }} as p on p.known_at = k.known_at
        where k.series_id = 'CPIAUCSL'
    )
    {{ readings("readings", "CM03", reconstructed="is_reconstructed") }}
