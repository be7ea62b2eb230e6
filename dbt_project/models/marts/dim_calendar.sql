-- Every day up to the newest session. A day on which everybody was silent is no session, whatever the seed says,
-- and is marked.
select
    d.date,
    d.is_session and q.session_date is null as is_session,
    q.session_date is not null as is_suspected_closure,
    c.session_no,
    d.date = n.session_date as is_latest,
    d.is_half_day and q.session_date is null as is_half_day,
    d.is_bond_day and q.session_date is null as is_bond_day,
    c.week_end,
    c.month_end,
    extract(year from d.date) || '-Q' || extract(quarter from d.date) as quarter,
    n.snapshot_at as known_at
from {{ ref("calendar") }} as d
inner join {{ ref("int_calendar") }} as n on n.is_latest and d.date <= n.session_date
left join {{ ref("int_suspected_closures") }} as q on q.session_date = d.date
left join {{ ref("int_calendar") }} as c on c.session_date = d.date
order by d.date
