-- FI04: policy overhang: 1 while one of the dated proposals of the last 63 sessions has both parts: its sector
-- lagged the market in the three sessions around it, and newspapers are more uncertain about that kind of
-- policy than in 80 % of the months of ten years, as known at the session. And what the sector did, told once,
-- at the session after the answer. The list is made by hand: 0 says that none of it weighs, not that nothing
-- does.
{% set memory = 63 %} {% set least = 80 %}
with
    began as (select min(known_at) as known_at from {{ ref("policy_proposals") }} where world = '{{ var("world") }}'),
    paired as (
        select
            c.session_no,
            p.proposal_id,
            p.abnormal_pct < 0 as has_lagged,
            r.percentile_10y > {{ least }} as is_uncertain,
            case
                when p.status <> 'OK'
                then p.status
                when r.session_no is null
                then 'NOT_AVAILABLE'
                when r.status <> 'OK'
                then r.status
                when r.percentile_10y is null
                then 'WARMUP'
                else 'OK'
            end as status,
            coalesce(r.is_reconstructed, false) as is_reconstructed,
            greatest(p.known_at, r.known_at) as known_at
        from {{ ref("int_calendar") }} as c
        inner join
            {{ ref("int_policy_proposals") }} as p
            on p.told_no <= c.session_no
            and p.told_no > c.session_no - {{ memory }}
        left join
            {{ ref("int_news_month_ranks") }} as r on r.index_id = 'epu_' || p.category and r.session_no = c.session_no
    ),
    counted as (
        select
            session_no,
            count(*) as n,
            count(*) filter (where status = 'OK') as n_known,
            count(*) filter (where status = 'OK' and has_lagged and is_uncertain) as n_overhang,
            min(status) filter (where status <> 'OK') as why,
            bool_or(is_reconstructed) as is_reconstructed,
            max(known_at) as known_at
        from paired
        group by session_no
    ),
    readings as (
        select
            'FI04' as reading_id,
            'US' as entity_id,
            c.session_date,
            c.session_date as obs_period,
            cast(coalesce(k.n_overhang, 0) > 0 as integer) as value,
            case when k.n_overhang > 0 or k.why is null then 'OK' else k.why end as status,
            1 + coalesce(k.n_known, 0) as n_used,
            1 + coalesce(k.n, 0) as n_expected,
            coalesce(k.known_at, c.snapshot_at) as known_at,
            coalesce(k.is_reconstructed, false) as is_reconstructed
        from {{ ref("int_calendar") }} as c
        inner join began as b on b.known_at <= c.snapshot_at
        left join counted as k on k.session_no = c.session_no
        where c.session_date >= date '2015-01-02'
        union all
        select
            'FI04_abnormal',
            sector_id,
            session_date,
            session_date,
            avg(abnormal_pct),
            coalesce(min(status) filter (where status <> 'OK'), 'OK'),
            count(*) filter (where status = 'OK'),
            count(*),
            max(known_at),
            false
        from {{ ref("int_policy_proposals") }}
        where session_date >= date '2015-01-02'
        group by sector_id, session_date
    )
    {{ readings("readings", "FI04", reconstructed="is_reconstructed") }}
