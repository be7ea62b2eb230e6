-- The mean rate of each month that fed funds futures implied at each session (100 minus the settlement). A curve on
-- which not one of six or more contracts moved over three sessions is frozen: the vendor stands still, and whoever
-- believes it is told yesterday's odds as today's. A contract that moved by more than 15 basis points beyond both of
-- its neighbours, which moved alike, is an outlier and has no rate: what changes at a meeting moves all later months
-- too.
with
    settled as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            f.contract_month,
            100 - f.settle as rate,
            f.known_at,
            f.settle - lag(f.settle) over own as step,
            c.session_no - lag(c.session_no) over own as gap_sessions,
            f.settle
        from {{ ref("stg_yahoo_fed_funds") }} as f
        inner join {{ ref("int_calendar") }} as c on c.session_date = f.session_date
        where f.contract_month >= date_trunc('month', c.session_date)
        window own as (partition by f.contract_month order by c.session_no)
    ),
    -- expired contracts vanish at the vendor: of sessions before the first question some are missing for ever
    first_asked as (
        select min(session_date) as session_date from {{ ref("int_fetches") }} where dataset = 'yahoo_fed_funds'
    ),
    evenings as (
        select
            session_no,
            count(*) filter (where gap_sessions = 1) as compared,
            count(*) filter (where gap_sessions = 1 and step <> 0) as moved
        from settled
        group by session_no
    ),
    standing as (
        select
            session_no,
            min(compared) over three >= 6 and sum(moved) over three = 0 and count(*) over three = 3 as is_frozen
        from evenings
        window three as (order by session_no rows between 2 preceding and current row)
    ),
    beside as (
        select
            s.*,
            lag(s.step) over curve as step_before,
            lead(s.step) over curve as step_after,
            lag(s.contract_month) over curve as month_before,
            lead(s.contract_month) over curve as month_after,
            s.settle - (lag(s.settle) over curve + lead(s.settle) over curve) / 2 as stands_out
        from settled as s
        window curve as (partition by s.session_no order by s.contract_month)
    ),
    judged as (
        select
            *,
            coalesce(
                month_before = contract_month - interval 1 month
                and month_after = contract_month + interval 1 month
                and abs(step - step_before) > 0.15
                and abs(step - step_after) > 0.15
                and abs(step_before - step_after) < 0.05
                -- the session after, when the price is back where it was, is none
                and coalesce(abs(stands_out - stood_out) > 0.15, true),
                false
            ) as is_outlier
        from
            (
                select *, lag(stands_out, 2) over (partition by contract_month order by session_no) as stood_out
                from beside
            )
    )
select
    s.session_date,
    s.session_no,
    s.snapshot_at,
    s.contract_month,
    case when not s.is_outlier then s.rate end as rate,
    s.is_outlier,
    f.is_frozen,
    coalesce(s.session_date >= a.session_date, false) as is_lived,
    s.known_at
from judged as s
inner join standing as f on f.session_no = s.session_no
cross join first_asked as a
order by s.session_no, s.contract_month
