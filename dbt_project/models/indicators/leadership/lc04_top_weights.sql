-- LC04: weight of the 1, 5, 7 and 10 largest issuers of the default universe at the close; and of the five largest
-- inside each sector, by the sector fund's own file (which caps them), not older than five sessions.
with
    ranked as (
        select *, row_number() over (partition by session_no, sector_id order by weight desc, issuer_id) as place
        from {{ ref("int_sector_weights") }}
    ),
    sectors as (
        select
            sector_id,
            session_date,
            count(*) as n_used,
            sum(cast(weight as decimal(18, 15))) filter (where place <= 5) as top5,
            max(age_sessions) as age_sessions,
            max(known_at) as known_at
        from ranked
        group by sector_id, session_date
    ),
    readings as (
        {{
            breadth_measures(
                "LC04",
                [
                    ("top1", "top1_weight", "status_weights", "n_sized"),
                    ("top5", "top5_weight", "status_weights", "n_sized"),
                    ("top7", "top7_weight", "status_weights", "n_sized"),
                    ("top10", "top10_weight", "status_weights", "n_sized"),
                ],
                ref("int_concentration"),
                "universe_id",
            )
        }}
        union all
        select
            'LC04_sector' as reading_id,
            sector_id as entity_id,
            session_date,
            session_date as obs_period,
            cast(top5 as double) as value,
            case when age_sessions > 5 then 'STALE_INPUT' else 'OK' end as status,
            n_used,
            n_used as n_expected,
            known_at
        from sectors
    )
    {{ readings("readings", "LC04") }}
