-- What claims about prices are tested on: one row per index and session, closes only, each row from sessions up to
-- its own. A record is a close above every earlier one held. The week's range over the volatility of a week (of the
-- 252 sessions before it) is ranked among the last 52 weeks. Members near their high (headline index): close at
-- most 5 % under the highest of 252 sessions, splits taken out.
with
    closes as (
        select
            p.instrument_id as index_id,
            p.session_date,
            p.session_no,
            p.close_ticks,
            p.high_ticks,
            p.low_ticks,
            c.week_end,
            c.snapshot_at,
            lag(p.close_ticks) over sessions as ticks_before,
            max(p.close_ticks) over (sessions rows between unbounded preceding and 1 preceding) as highest_before,
            max(p.high_ticks) over week_so_far as week_high,
            min(p.low_ticks) over week_so_far as week_low
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_calendar") }} as c on c.session_date = p.session_date
        where p.asset_class = 'index' and p.is_traded
        window
            sessions as (partition by p.instrument_id order by p.session_date),
            week_so_far as (partition by p.instrument_id, c.week_end order by p.session_date rows unbounded preceding)
    ),
    volatile as (
        select
            *,
            stddev_samp(ln(close_ticks / cast(ticks_before as double))) over (
                partition by index_id order by session_date rows between 251 preceding and current row
            ) as volatility
        from closes
    ),
    weeks as (
        -- what the week before left behind
        select
            index_id,
            week_end,
            lag(max_by(close_ticks, session_date)) over past_weeks as week_before_ticks,
            lag(max_by(volatility, session_date)) over past_weeks as volatility_before
        from volatile
        group by index_id, week_end
        window past_weeks as (partition by index_id order by week_end)
    ),
    with_week as (
        select
            v.*,
            w.week_before_ticks,
            case
                when v.session_date = v.week_end and w.volatility_before > 0
                then (v.week_high - v.week_low) / cast(w.week_before_ticks as double) / (w.volatility_before * sqrt(5))
            end as week_range
        from volatile as v
        inner join weeks as w on w.index_id = v.index_id and w.week_end = v.week_end
    ),
    ranked as (
        select
            index_id,
            session_date,
            week_range,
            list(week_range) over (
                partition by index_id order by session_date rows between 51 preceding and current row
            ) as last_52
        from with_week
        where week_range is not null
    ),
    rallies as (
        select s.index_id, s.session_date, s.low_date as rally_trough_date
        from {{ ref("int_rally_states") }} as s
        inner join {{ ref("rally_rules") }} as r on r.rule = s.rule and r.is_default
        where s.state = 'RALLY'
    ),
    stocks as (
        select
            p.instrument_id,
            p.session_date,
            100 * p.close_ticks
            >= 95
            * max(p.close_ticks) over (
                partition by p.instrument_id order by p.session_no rows between 251 preceding and current row
            ) as is_near_high
        from {{ ref("int_prices") }} as p
        where
            p.asset_class = 'stock'
            and p.is_traded
            and p.session_date
            > (select min(reported_on) - 400 from {{ ref("claims") }} where world = '{{ var("world") }}')
    ),
    members as (
        select b.session_date, b.members, count(s.is_near_high) as seen, count(*) filter (s.is_near_high) as near
        from {{ ref("int_breadth_counts") }} as b
        inner join
            {{ ref("int_membership") }} as m
            on m.universe_id = b.universe_id
            and m.is_default
            and {{ holds_at("m", "b.session_date") }}
        inner join stocks as s on s.instrument_id = m.instrument_id and s.session_date = b.session_date
        where b.segment_type = 'universe'
        group by b.session_date, b.members
    )
select
    w.index_id,
    w.session_date,
    w.close_ticks / 10000 as close,
    w.ticks_before / 10000 as previous_close,
    100 * (w.close_ticks / cast(w.ticks_before as double) - 1) as return_pct,
    w.highest_before / 10000 as highest_before,
    w.close_ticks > w.highest_before as is_record,
    100 * (w.close_ticks / cast(greatest(w.close_ticks, coalesce(w.highest_before, 0)) as double) - 1) as drawdown_pct,
    w.session_date = w.week_end as is_week_end,
    100 * (w.close_ticks / cast(w.week_before_ticks as double) - 1) as week_return_pct,
    100 * (
        len(list_filter(r.last_52, lambda x:x < r.week_range))
        + 0.5 * len(list_filter(r.last_52, lambda x:x = r.week_range))
    )
    / len(r.last_52) as week_range_percentile,
    g.rally_trough_date,
    case when i.role = 'headline' and m.seen >= 0.95 * m.members then m.near / m.seen end as members_near_high_share,
    w.snapshot_at as known_at
from with_week as w
inner join {{ ref("int_instruments") }} as i on i.instrument_id = w.index_id
left join ranked as r on r.index_id = w.index_id and r.session_date = w.session_date
left join rallies as g on g.index_id = w.index_id and g.session_date = w.session_date
left join members as m on m.session_date = w.session_date
order by w.index_id, w.session_date
