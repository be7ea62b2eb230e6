-- The mean rate of each month that fed funds futures implied at each session (100 minus the settlement). A curve on
-- which not one of six or more contracts moved over three sessions is frozen: the vendor stands still, and whoever
-- believes it is told yesterday's odds as today's.
with
    settled as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            f.contract_month,
            100 - f.settle as rate,
            f.known_at,
            lag(f.settle) over own as settle_before,
            c.session_no - lag(c.session_no) over own as gap_sessions,
            f.settle
        from {{ ref("stg_yahoo_fed_funds") }} as f
        inner join {{ ref("int_calendar") }} as c on c.session_date = f.session_date
        where f.contract_month >= date_trunc('month', c.session_date)
        window own as (partition by f.contract_month order by c.session_no)
    ),
    evenings as (
        select
            session_no,
            count(*) filter (where gap_sessions = 1) as compared,
            count(*) filter (where gap_sessions = 1 and settle <> settle_before) as moved
        from settled
        group by session_no
    ),
    standing as (
        select
            session_no,
            min(compared) over three >= 6 and sum(moved) over three = 0 and count(*) over three = 3 as is_frozen
        from evenings
        window three as (order by session_no rows between 2 preceding and current row)
    )
select s.session_date, s.session_no, s.snapshot_at, s.contract_month, s.rate, f.is_frozen, s.known_at
from settled as s
inner join standing as f on f.session_no = s.session_no
order by s.session_no, s.contract_month
