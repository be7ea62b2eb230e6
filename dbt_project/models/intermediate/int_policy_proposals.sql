-- What a sector did beyond the market around a dated proposal that aims at it (percent, logarithms of total
-- returns of the funds): from the close two sessions before the one that could answer first to the close of
-- the session after it, so three returns. The answering session is the first that closes after the proposal
-- was public.
with
    dated as (
        select p.proposal_id, p.category, p.sector_id, p.known_at, c.session_no as event_no
        from {{ ref("policy_proposals") }} as p
        asof inner join (select session_no, close_at from {{ ref("int_calendar") }}) as c on c.close_at >= p.known_at
        where p.world = '{{ var("world") }}' and p.known_at <= {{ as_of() }}
    ),
    levels as (select * from {{ ref("int_fund_levels") }} where role in ('sector_etf', 'broad_etf')),
    moves as (
        select
            n.session_no,
            n.session_date,
            n.sector_id,
            n.role,
            ln(n.level / b.level) as move,
            case
                when n.status <> 'OK'
                then n.status
                when n.session_no - 3 < n.first_no
                then 'WARMUP'
                when b.status <> 'OK'
                then b.status
                when b.stretch <> n.stretch
                then 'WARMUP'
                else 'OK'
            end as status,
            greatest(n.known_at, b.known_at) as known_at
        from levels as n
        left join levels as b on b.instrument_id = n.instrument_id and b.session_no = n.session_no - 3
        where n.session_no in (select event_no + 1 from dated)
    )
select
    d.proposal_id,
    d.category,
    d.sector_id,
    d.known_at as proposed_at,
    c.session_no as told_no,
    c.session_date,
    100 * (s.move - m.move) as abnormal_pct,
    case
        when s.status is null or m.status is null then 'NOT_AVAILABLE' when s.status <> 'OK' then s.status else m.status
    end as status,
    coalesce(greatest(s.known_at, m.known_at, d.known_at), c.snapshot_at) as known_at
from dated as d
inner join {{ ref("int_calendar") }} as c on c.session_no = d.event_no + 1
left join moves as s on s.role = 'sector_etf' and s.sector_id = d.sector_id and s.session_no = c.session_no
left join moves as m on m.role = 'broad_etf' and m.session_no = c.session_no
order by told_no, d.proposal_id
