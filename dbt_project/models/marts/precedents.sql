-- What followed earlier rallies of a kind, and those not of it, per session: only outcomes that were over by then.
-- The group of a rally follows from what was known when it was decided (at the confirmation, or 63 sessions after);
-- where that was not known it belongs to none. Rows change when an outcome is over, and stand between.
with
    days as (
        select h.index_id, h.session_date, h.session_no, h.close_ticks, c.snapshot_at
        from {{ ref("int_headline_returns") }} as h
        inner join {{ ref("int_calendar") }} as c on c.session_date = h.session_date
    ),
    rallies as (
        select distinct s.index_id, s.up_confirmed_date, s.low_date, s.peak_date
        from {{ ref("int_rally_states") }} as s
        inner join {{ ref("rally_rules") }} as r on r.rule = s.rule and r.is_default
        where s.state = 'RALLY' and s.index_id in (select index_id from days)
    ),
    dated as (
        select
            y.index_id,
            y.up_confirmed_date,
            u.session_no as up_no,
            l.close_ticks / cast(p.close_ticks as double) - 1 as depth
        from rallies as y
        inner join days as u on u.session_date = y.up_confirmed_date
        inner join days as l on l.session_date = y.low_date
        inner join days as p on p.session_date = y.peak_date
    ),
    decided as (
        select
            p.precedent_id,
            y.index_id,
            y.up_confirmed_date,
            y.up_no,
            y.depth,
            d.session_no as decision_no,
            d.session_date as decision_date,
            d.close_ticks
        from dated as y
        cross join {{ ref("precedent_list") }} as p
        inner join days as d on d.session_no = y.up_no + p.decided_after
    ),
    readings as (
        select r.reading_id, r.session_date, r.value
        from {{ ref("indicator_readings") }} as r
        where
            r.reading_id in ('MA11', 'LC08_size_trough', 'BR15_20', 'VS01_pct_252')
            and r.status = 'OK'
            and not r.is_reconstructed
    ),
    cuts as (
        select distinct c.session_no
        from {{ ref("int_policy_meetings") }} as m
        asof inner join
            (select session_no, snapshot_at from {{ ref("int_calendar") }}) as c on c.snapshot_at >= m.decided_at
        where m.change < 0
    ),
    drivers as (
        select
            s.session_date,
            count(*) filter (where s.status = 'OK' and d.role = 'driver') as known,
            count(*) filter (where s.direction = 'bullish' and d.role = 'driver') as bullish
        from {{ ref("driver_scorecard") }} as s
        inner join {{ ref("drivers") }} as d on d.driver_id = s.driver_id
        where s.session_date in (select decision_date from decided)
        group by s.session_date
    ),
    grouped as (
        select
            k.precedent_id,
            k.index_id,
            k.up_confirmed_date,
            k.decision_no,
            k.close_ticks,
            case
                k.precedent_id
                when 'eased'
                then
                    case
                        when k.depth > -0.1
                        then null
                        when exists (select 1 from cuts as x where x.session_no between k.up_no and k.decision_no)
                        then true
                        else a.value = 1
                    end
                when 'sector_led'
                then b.value > 0.5
                when 'narrow'
                then e.value < 72.7
                when 'sentiment_only'
                then
                    case
                        when k.close_ticks <= o.close_ticks
                        then null
                        when z.score_macro >= 0.5 or z.score_earnings >= 0.5
                        then false
                        when z.score_macro < 0.5 and z.score_earnings < 0.5 and v.value < 20
                        then true
                    end
                when 'many_drivers'
                then case when n.bullish >= 3 then true when n.known >= 5 then false end
            end as is_of_it
        from decided as k
        left join readings as a on a.reading_id = 'MA11' and a.session_date = k.decision_date
        left join readings as b on b.reading_id = 'LC08_size_trough' and b.session_date = k.decision_date
        left join readings as e on e.reading_id = 'BR15_20' and e.session_date = k.decision_date
        left join readings as v on v.reading_id = 'VS01_pct_252' and v.session_date = k.decision_date
        left join {{ ref("durability") }} as z on z.index_id = k.index_id and z.session_date = k.decision_date
        left join drivers as n on n.session_date = k.decision_date
        left join days as o on o.session_no = k.decision_no - 60
    ),
    -- the worst fall from a high inside the 126 sessions that follow
    paths as (
        select
            g.decision_no,
            d.close_ticks,
            max(d.close_ticks) over (
                partition by g.decision_no order by d.session_no rows unbounded preceding
            ) as high_ticks
        from (select distinct decision_no from grouped) as g
        inner join days as d on d.session_no between g.decision_no and g.decision_no + 126
    ),
    falls as (
        select decision_no, min(100 * (close_ticks / cast(high_ticks as double) - 1)) as fall
        from paths
        group by decision_no
    ),
    outcomes as (
        select
            g.precedent_id,
            g.index_id,
            g.is_of_it,
            g.up_confirmed_date,
            e.session_no as over_no,
            100 * (e.close_ticks / cast(g.close_ticks as double) - 1) as move,
            f.fall
        from grouped as g
        inner join days as e on e.session_no = g.decision_no + 126
        inner join falls as f on f.decision_no = g.decision_no
    ),
    moments as (select distinct precedent_id, index_id, over_no from outcomes),
    sides as (
        select
            m.precedent_id,
            m.index_id,
            m.over_no,
            g.is_of_it,
            list(o.move order by o.up_confirmed_date) filter (where o.is_of_it = g.is_of_it) as moves,
            list(o.fall order by o.up_confirmed_date) filter (where o.is_of_it = g.is_of_it) as falls,
            count(*) filter (where o.is_of_it is null) as n_unknown
        from moments as m
        cross join (values (true), (false)) as g(is_of_it)
        inner join
            outcomes as o on o.precedent_id = m.precedent_id and o.index_id = m.index_id and o.over_no <= m.over_no
        group by m.precedent_id, m.index_id, m.over_no, g.is_of_it
    ),
    measured as (
        select
            * exclude (moves, falls),
            coalesce(len(moves), 0) as n,
            list_avg(moves) as mean_move,
            list_median(moves) as median_move,
            list_min(moves) as worst_move,
            len(list_filter(moves, x -> x > 0)) / cast(nullif(len(moves), 0) as double) as share_higher,
            list_avg(falls) as mean_fall,
            case when len(moves) > 1 then list_var_samp(moves) / len(moves) end as error_squared
        from sides
    ),
    compared as (
        select
            m.*,
            case when m.is_of_it then m.mean_move - o.mean_move end as difference,
            case when m.is_of_it then sqrt(m.error_squared + o.error_squared) end as error
        from measured as m
        inner join
            measured as o
            on o.precedent_id = m.precedent_id
            and o.index_id = m.index_id
            and o.over_no = m.over_no
            and o.is_of_it <> m.is_of_it
    ),
    -- a standing start before the first outcome is over
    spoken as (
        select
            d.index_id,
            d.session_date,
            d.snapshot_at,
            p.precedent_id,
            g.is_of_it,
            c.* exclude (index_id, precedent_id, is_of_it)
        from days as d
        cross join {{ ref("precedent_list") }} as p
        cross join (values (true), (false)) as g(is_of_it)
        asof left join
            compared as c
            on c.precedent_id = p.precedent_id
            and c.index_id = d.index_id
            and c.is_of_it = g.is_of_it
            and c.over_no <= d.session_no
        where d.session_date >= date '2015-01-02'
    ),
    tested as (select *, case when error > 0 then {{ normal_p("(difference / error)") }} end as p from spoken),
    ranked as (select *, {{ p_ranked("p", "session_date", "precedent_id") }} as p_of_rank from tested)
select
    r.index_id,
    r.precedent_id,
    case when r.is_of_it then 'with' else 'without' end as group_id,
    r.session_date,
    p.label,
    case when r.is_of_it then p.with_label else p.without_label end as group_label,
    cast(coalesce(r.n, 0) as integer) as n,
    cast(coalesce(r.n_unknown, 0) as integer) as n_unknown,
    {{ one_zero("round(r.mean_move, 6)") }} as mean_move_126d,
    {{ one_zero("round(r.median_move, 6)") }} as median_move_126d,
    {{ one_zero("round(r.worst_move, 6)") }} as worst_move_126d,
    round(r.share_higher, 6) as share_higher,
    {{ one_zero("round(r.mean_fall, 6)") }} as mean_drawdown_126d,
    {{ one_zero("round(r.difference, 6)") }} as difference,
    case
        when r.error > 0 then {{ one_zero("round(r.difference - 1.959963984540054 * r.error, 6)") }}
    end as difference_low,
    case
        when r.error > 0 then {{ one_zero("round(r.difference + 1.959963984540054 * r.error, 6)") }}
    end as difference_high,
    round(r.p, 4) as p_value,
    round({{ q_value("r.p_of_rank", "r.p", "r.session_date", "r.precedent_id") }}, 4) as q_value,
    case when r.n > 0 then 'OK' else 'UNDEFINED' end as status,
    case when r.difference is not null then 'OK' else 'UNDEFINED' end as status_difference,
    case when r.error > 0 then 'OK' else 'UNDEFINED' end as status_test,
    r.snapshot_at as known_at
from ranked as r
inner join {{ ref("precedent_list") }} as p on p.precedent_id = r.precedent_id
order by r.session_date, r.precedent_id, group_id
