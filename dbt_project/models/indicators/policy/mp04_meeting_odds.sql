-- MP04: odds of the next meeting (futures, anchor_both) and their change for that meeting over 1 and 5 sessions, and
-- how far those who state an expectation are apart: the chance of a cut at the next meeting (both variants,
-- prediction market), the mean rate of the tracker's first window, and the bill's mean of three months against that
-- of the futures.
with
    odds as (select * from {{ ref("int_meeting_odds") }} where is_meeting),
    next as (select * from odds where variant = 'anchor_both' and meeting_no = 1),
    levels as (
        select
            'MP04_' || m.move as reading_id,
            n.session_date,
            n.snapshot_at,
            case m.move when 'cut' then n.p_cut when 'hold' then n.p_hold else n.p_hike end as value,
            n.status_probability as status,
            cast(n.status_probability = 'OK' as integer) as n_used,
            1 as n_expected
        from next as n
        cross join (values ('cut'), ('hold'), ('hike')) as m(move)
    ),
    changes as (
        select
            'MP04_cut_d' || s.span as reading_id,
            n.session_date,
            n.snapshot_at,
            100 * (n.p_cut - b.p_cut) as value,
            case
                when n.status_probability <> 'OK'
                then n.status_probability
                else coalesce(b.status_probability, 'WARMUP')
            end as status,
            cast(n.status_probability = 'OK' as integer)
            + cast(coalesce(b.status_probability = 'OK', false) as integer) as n_used,
            2 as n_expected
        from next as n
        cross join (values (1), (5)) as s(span)
        left join
            odds as b
            on b.variant = n.variant
            and b.meeting_date = n.meeting_date
            and b.session_no = n.session_no - s.span
    ),
    stated as (
        select session_date, meeting_date, variant as said_by, p_cut
        from odds
        where meeting_no = 1 and status_probability = 'OK'
        union all
        select k.session_date, k.meeting_date, 'kalshi', cast(k.p_cut as double)
        from {{ ref("int_kalshi_meetings") }} as k
        inner join next as n on n.session_date = k.session_date and n.meeting_date = k.meeting_date
        where k.status = 'OK'
    ),
    apart as (
        select session_date, meeting_date, 100 * (max(p_cut) - min(p_cut)) as spread, count(*) as said
        from stated
        group by session_date, meeting_date
    ),
    spreads as (
        select
            'MP04_spread' as reading_id,
            n.session_date,
            n.snapshot_at,
            a.spread as value,
            case when coalesce(a.said, 0) < 2 then 'LOW_COVERAGE' else 'OK' end as status,
            coalesce(a.said, 0) as n_used,
            3 as n_expected
        from next as n
        left join apart as a on a.session_date = n.session_date and a.meeting_date = n.meeting_date
    ),
    -- the mean of what futures imply over a window: the rate of each of its months, by days of the window in it
    means as (
        select w.session_no, w.aim, sum(w.days * f.rate) / sum(w.days) as rate, count(f.rate) = count(*) as is_whole
        from
            (
                select session_no, aim, m.month, date_diff('day', greatest(first, m.month), least(last, m.next)) as days
                from
                    (
                        select session_no, 'mpt' as aim, reference_start as first, reference_start + 91 as last
                        from {{ ref("int_mpt_windows") }}
                        qualify row_number() over (partition by session_no order by reference_start) = 1
                        union all
                        select session_no, 'bills', session_date + 1, session_date + 92
                        from {{ ref("int_calendar") }}
                        where session_no in (select session_no from next)
                    ) as a
                cross join
                    lateral(
                        select cast(g.month as date) as month, cast(g.month + interval 1 month as date) as next
                        from
                            unnest(
                                generate_series(
                                    date_trunc('month', a.first), date_trunc('month', a.last), interval 1 month
                                )
                            ) as g(month)
                    ) as m
            ) as w
        left join {{ ref("int_fed_funds") }} as f on f.session_no = w.session_no and f.contract_month = w.month
        where w.days > 0
        group by w.session_no, w.aim
    ),
    others as (
        select session_no, 'mpt' as aim, rate_mean as rate, 'OK' as status
        from {{ ref("int_mpt_windows") }}
        qualify row_number() over (partition by session_no order by reference_start) = 1
        union all
        select session_no, 'bills', value, status
        from {{ ref("int_series_as_known") }}
        where series_id = 'DGS3MO'
    ),
    between_sources as (
        select
            'MP04_spread_' || g.aim as reading_id,
            n.session_date,
            n.snapshot_at,
            100 * (o.rate - m.rate) as value,
            case
                when o.rate is null
                then coalesce(nullif(o.status, 'OK'), 'NOT_AVAILABLE')
                when n.status = 'SUSPECT_INPUT'
                then n.status
                when not coalesce(m.is_whole, false)
                then 'NOT_AVAILABLE'
                else 'OK'
            end as status,
            cast(o.rate is not null as integer) + cast(coalesce(m.is_whole, false) as integer) as n_used,
            2 as n_expected
        from next as n
        cross join (values ('mpt'), ('bills')) as g(aim)
        left join means as m on m.session_no = n.session_no and m.aim = g.aim
        left join others as o on o.session_no = n.session_no and o.aim = g.aim
    ),
    readings as (
        select *, 'US' as entity_id, session_date as obs_period, snapshot_at as known_at
        from
            (
                select *
                from levels
                union all by name
                select *
                from changes
                union all by name
                select *
                from spreads
                union all by name
                select *
                from between_sources
            )
    )
    {{ readings("readings", "MP04") }}
