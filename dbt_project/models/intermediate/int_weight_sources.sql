-- Which source weighs the members of the default universe on each session: the first of the funds' files and the
-- reports that covers enough of it. How much a source covers is told by the trading of last quarter, which is what is
-- known of a member whose size is not. Sessions before the first size was known are NOT_AVAILABLE; a fund's file that
-- stood still for more than five sessions is STALE_INPUT, unless the reports are enough.
with
    universe as (select * from {{ ref("universes") }} where world = '{{ var("world") }}' and is_default),
    members as (
        select
            m.universe_id, c.session_date, c.session_no, m.instrument_id, coalesce(t.median_turnover_usd, 0) as turnover
        from {{ ref("int_membership") }} as m
        inner join universe as u on u.universe_id = m.universe_id
        inner join {{ ref("int_calendar") }} as c on {{ holds_at("m", "c.session_date") }}
        left join
            {{ ref("int_size_segments") }} as t
            on t.universe_id = m.universe_id
            and t.instrument_id = m.instrument_id
            and t.quarter = c.quarter
        where {{ is_made("c.session_date") }}
    ),
    all_members as (
        select universe_id, session_date, session_no, count(*) as members, sum(turnover) as turnover
        from members
        -- before the first size was known there is nothing to say, and readings say so themselves
        where session_no >= (select min(session_no) from {{ ref("int_share_counts") }})
        group by universe_id, session_date, session_no
    ),
    covered as (
        select
            m.universe_id,
            m.session_no,
            s.source,
            count(*) as n_sized,
            sum(m.turnover) as turnover,
            max(s.as_of_date) as as_of_date,
            max(s.known_at) as known_at
        from members as m
        inner join
            {{ ref("int_share_counts") }} as s on s.session_no = m.session_no and s.instrument_id = m.instrument_id
        group by m.universe_id, m.session_no, s.source
    ),
    judged as (
        select
            c.*,
            round(c.turnover / nullif(a.turnover, 0), 6) as coverage,
            coalesce(c.turnover >= u.weights_floor * a.turnover, false) as is_enough,
            case c.source when 'spy_holdings' then 1 when 'ivv_holdings' then 2 else 3 end as rank
        from covered as c
        inner join all_members as a on a.universe_id = c.universe_id and a.session_no = c.session_no
        inner join universe as u on u.universe_id = c.universe_id
        where a.turnover > 0
    ),
    best as (
        select *
        from judged
        qualify
            row_number() over (partition by universe_id, session_no order by is_enough desc, coverage desc, rank) = 1
            and not is_enough
        union all
        select *
        from judged
        where is_enough
        qualify row_number() over (partition by universe_id, session_no order by rank) = 1
    ),
    filed as (select distinct universe_id, session_no from covered where source <> 'edgar_shares'),
    first_file as (
        select min(known_at) as known_at
        from
            (
                select known_at
                from {{ ref("stg_spy_holdings") }}
                union all
                select known_at
                from {{ ref("stg_ivv_holdings") }}
            )
    )
select
    a.universe_id,
    a.session_date,
    a.session_no,
    cast(a.members as integer) as members,
    cast(coalesce(b.n_sized, 0) as integer) as n_sized,
    case when b.is_enough then b.source end as weight_source,
    b.source as best_source,
    b.as_of_date,
    coalesce(b.coverage, 0) as coverage,
    case
        when b.is_enough
        then 'OK'
        when
            f.known_at <= k.snapshot_at
            and (a.universe_id, a.session_no) not in (select (universe_id, session_no) from filed)
        then 'STALE_INPUT'
        when b.source is not null
        then 'LOW_COVERAGE'
        else 'NOT_AVAILABLE'
    end as status,
    coalesce(b.known_at, k.snapshot_at) as known_at
from all_members as a
inner join {{ ref("int_calendar") }} as k on k.session_no = a.session_no
cross join first_file as f
left join best as b on b.universe_id = a.universe_id and b.session_no = a.session_no
order by a.session_no, a.universe_id
