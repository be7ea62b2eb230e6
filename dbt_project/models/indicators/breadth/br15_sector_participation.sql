-- BR15: share of sectors whose fund has a positive total return over 20 sessions. All sector funds are needed.
with
    expected as (select count(*) as n_expected from {{ ref("int_instruments") }} where role = 'sector_etf'),
    counted as (
        select
            session_date,
            count(return_20d) as n_used,
            count(*) filter (where return_20d > 0) as positive,
            max(known_at) as known_at
        from {{ ref("int_sector_returns") }}
        group by session_date
    ),
    readings as (
        select
            'BR15_20' as reading_id,
            'sectors' as entity_id,
            c.session_date,
            c.session_date as obs_period,
            100.0 * c.positive / e.n_expected as value,
            case when c.n_used < e.n_expected then 'LOW_COVERAGE' else 'OK' end as status,
            c.n_used,
            e.n_expected,
            c.known_at
        from counted as c
        cross join expected as e
    )
    {{ readings("readings", "BR15") }}
