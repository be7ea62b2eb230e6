-- The windows whose moves are attributed, of the headline index: since the trough of the open rally and over the last
-- 1, 5, 20 and 60 sessions, at each session; and of every rally that ended, from the trough to its high and over the
-- first 63 sessions after the trough, at the session that made it known (the end of the rally, the 63rd session).
-- A window holds the sessions after start_no up to session_no; the move is between the closes of the two.
{% set spans = [1, 5, 20, 60] %}
with
    closes as (
        select n.index_id, n.session_date, n.session_no, n.close_ticks, n.known_at
        from {{ ref("int_index_closes") }} as n
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = n.index_id and i.role = 'headline'
    ),
    states as (
        select s.*
        from {{ ref("int_rally_states") }} as s
        inner join {{ ref("rally_rules") }} as r on r.rule = s.rule and r.is_default
        where s.index_id in (select index_id from closes)
    ),
    open_days as (select * from states where state = 'RALLY'),
    last_open as (
        select *
        from open_days
        qualify row_number() over (partition by index_id, up_confirmed_date order by session_date desc) = 1
    ),
    ended as (
        select e.index_id, e.rule, e.session_date as end_date, o.low_date, o.high_date, o.up_confirmed_date
        from states as e
        inner join last_open as o on o.index_id = e.index_id and o.up_confirmed_date = e.ended_date
        where e.end_kind is not null
    ),
    wanted as (
        select
            index_id,
            rule,
            up_confirmed_date,
            'since_trough' as window_id,
            session_date,
            low_date as start_date,
            session_date as end_date
        from open_days
        union all
        select index_id, rule, up_confirmed_date, 'trough_to_high', end_date, low_date, high_date
        from ended
        union all
        -- the 63rd session is after the confirmation, or the rally is not known to be one yet
        select o.index_id, o.rule, o.up_confirmed_date, 'trough_to_63', c.session_date, o.low_date, c.session_date
        from last_open as o
        inner join closes as t on t.index_id = o.index_id and t.session_date = o.low_date
        inner join closes as c on c.index_id = o.index_id and c.session_no = t.session_no + 63
        where c.session_date >= o.up_confirmed_date
        {% for n in spans %}
            union all
            select c.index_id, 'none', null, '{{ n }}d', c.session_date, b.session_date, c.session_date
            from closes as c
            inner join closes as b on b.index_id = c.index_id and b.session_no = c.session_no - {{ n }}
            -- fixed windows are told on sessions of the calendar
            where c.session_no > 0
        {% endfor %}
    )
select
    w.index_id,
    w.rule,
    case
        when w.rule = 'none' then 'none' else w.index_id || ':' || w.rule || ':' || w.up_confirmed_date
    end as episode_id,
    w.window_id,
    w.session_date,
    n.session_no,
    w.start_date,
    b.session_no as start_no,
    w.end_date,
    e.session_no as end_no,
    e.close_ticks / cast(b.close_ticks as double) - 1 as simple_return,
    100 * ln(e.close_ticks / cast(b.close_ticks as double)) as log_return,
    greatest(n.known_at, k.snapshot_at) as known_at
from wanted as w
inner join closes as n on n.index_id = w.index_id and n.session_date = w.session_date
inner join closes as b on b.index_id = w.index_id and b.session_date = w.start_date
inner join closes as e on e.index_id = w.index_id and e.session_date = w.end_date
left join {{ ref("int_calendar") }} as k on k.session_date = w.session_date
order by w.index_id, w.session_date, w.window_id, 3
