-- BR15: share of sectors whose fund has a positive total return over 1, 5, 20 and 60 sessions, and whose fund
-- stands above the mean of its last 50 closes. All sector funds are needed.
with
    expected as (select count(*) as n_expected from {{ ref("int_instruments") }} where role = 'sector_etf'),
    counted as (
        select
            'BR15_' || span as reading_id,
            session_date,
            count(total_return) as n_used,
            count(*) filter (where total_return > 0) as positive,
            max(known_at) as known_at
        from {{ ref("int_fund_returns") }}
        where role = 'sector_etf' and span in (1, 5, 20, 60)
        group by span, session_date
        union all
        select 'BR15_sma50', session_date, count(above_sma50), count(*) filter (where above_sma50), max(known_at)
        from
            (
                select
                    session_date,
                    above_sma50,
                    max(known_at) over (
                        partition by instrument_id order by session_no rows between 49 preceding and current row
                    ) as known_at
                from {{ ref("int_fund_levels") }}
                where role = 'sector_etf'
            )
        group by session_date
    ),
    readings as (
        select
            c.reading_id,
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
