-- LC01: total return of each sector fund over 20 sessions minus that of the broad fund, in percentage points.
with
    readings as (
        select
            'LC01_20' as reading_id,
            sector_id as entity_id,
            session_date,
            session_date as obs_period,
            100 * (return_20d - broad_return_20d) as value,
            case when return_20d is null or broad_return_20d is null then 'WARMUP' else 'OK' end as status,
            cast(return_20d is not null as integer) + cast(broad_return_20d is not null as integer) as n_used,
            2 as n_expected,
            known_at
        from {{ ref("int_sector_returns") }}
    )
    {{ readings("readings", "LC01") }}
