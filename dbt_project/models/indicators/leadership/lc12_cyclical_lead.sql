-- LC12: mean 20-session total return of cyclical sector funds minus that of the defensive ones, in percentage
-- points.
with
    split as (
        select
            r.session_date,
            list_avg(
                list(r.total_return order by r.sector_id) filter (where s.is_cyclical and r.total_return is not null)
            ) as cyclical,
            list_avg(
                list(r.total_return order by r.sector_id) filter (
                    where not s.is_cyclical and r.total_return is not null
                )
            ) as defensive,
            count(r.total_return) as n_used,
            count(*) as n_expected,
            max(r.known_at) as known_at
        from {{ ref("int_fund_returns") }} as r
        inner join {{ ref("sectors") }} as s on s.sector_id = r.sector_id
        where r.span = 20
        group by r.session_date
    ),
    readings as (
        select
            'LC12_20' as reading_id,
            'sectors' as entity_id,
            session_date,
            session_date as obs_period,
            100 * (cyclical - defensive) as value,
            case when n_used = 0 then 'WARMUP' when n_used < n_expected then 'LOW_COVERAGE' else 'OK' end as status,
            n_used,
            n_expected,
            known_at
        from split
    )
    {{ readings("readings", "LC12") }}
