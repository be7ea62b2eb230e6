-- LC01: total return of each sector fund over 20, 60 and 120 sessions minus that of the broad fund, in percentage
-- points.
with
    readings as (
        select
            'LC01_' || s.span as reading_id,
            s.sector_id as entity_id,
            s.session_date,
            s.session_date as obs_period,
            100 * (s.total_return - b.total_return) as value,
            case when s.status <> 'OK' then s.status else coalesce(b.status, 'WARMUP') end as status,
            cast(s.total_return is not null as integer) + cast(b.total_return is not null as integer) as n_used,
            2 as n_expected,
            greatest(s.known_at, b.known_at) as known_at
        from {{ ref("int_fund_returns") }} as s
        left join
            {{ ref("int_fund_returns") }} as b
            on b.session_no = s.session_no
            and b.span = s.span
            and b.role = 'broad_etf'
        where s.role = 'sector_etf' and s.span in (20, 60, 120)
    )
    {{ readings("readings", "LC01") }}
