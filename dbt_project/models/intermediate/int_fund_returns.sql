-- Total returns of the sector funds and of the broad fund over 1 to 252 sessions.
select
    n.instrument_id,
    n.sector_id,
    n.role,
    n.session_no,
    n.session_date,
    s.span,
    case when b.stretch = n.stretch then n.level / b.level - 1 end as total_return,
    case
        when n.status <> 'OK'
        then n.status
        when b.status is null
        then 'WARMUP'
        when b.status <> 'OK'
        then b.status
        when b.stretch <> n.stretch
        then 'WARMUP'
        else 'OK'
    end as status,
    greatest(n.known_at, b.known_at) as known_at
from {{ ref("int_fund_levels") }} as n
cross join (values (1), (5), (20), (60), (120), (252)) as s(span)
left join
    {{ ref("int_fund_levels") }} as b on b.instrument_id = n.instrument_id and b.session_no = n.session_no - s.span
order by n.session_no, n.instrument_id, s.span
