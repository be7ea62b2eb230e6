-- What rallies of each index have been like, by rule, by how far the index had fallen from its highest close and
-- by how they ended; and beside it what random walks with the index's own mean and deviation make by the same
-- rules. Rallies that ended, and of which the fall before was held whole; outcomes are of the confirmation.
with
    sides as (
        select
            'held' as side,
            e.index_id,
            e.rule,
            -- levels are closes as they are; the percentages beside them are rounded already
            100 * (e.trough_level - e.peak_level) / e.peak_level as depth,
            e.depth_vs_ath,
            e.sessions_peak_to_trough,
            100 * (e.high_level - e.trough_level) / e.trough_level as gain_trough_to_high,
            e.sessions_trough_to_recovery,
            e.end_kind,
            d.is_sustained,
            d.trough_holds,
            d.is_higher
        from {{ ref("rally_episodes") }} as e
        left join
            {{ ref("int_rally_decisions") }} as d
            on d.index_id = e.index_id
            and d.rule = e.rule
            and d.session_date = e.up_confirmed_date
        where e.status = 'ended' and not e.is_left_censored
        union all by name
        select 'walk' as side, * exclude (path, moments_until, daily_mean, daily_deviation, years)
        from {{ ref("int_random_walk_episodes") }}
    ),
    classed as (
        select
            *,
            case
                when depth_vs_ath <= -20 then 'bear' when depth_vs_ath <= -10 then 'correction' else 'pullback'
            end as drawdown_class
        from sides
    ),
    -- every group, and with 'all' in the place of one or both
    grouped as (
        select c.* exclude (drawdown_class, end_kind), d.drawdown_class, e.end_kind
        from classed as c
        cross join lateral(values (c.drawdown_class), ('all')) as d(drawdown_class)
        cross join lateral(values (c.end_kind), ('all')) as e(end_kind)
    ),
    measured as (
        unpivot (
            select
                side,
                index_id,
                rule,
                drawdown_class,
                end_kind,
                depth,
                cast(sessions_peak_to_trough as double) as sessions_peak_to_trough,
                gain_trough_to_high,
                cast(sessions_trough_to_recovery as double) as sessions_trough_to_recovery,
                cast(cast(is_sustained as integer) as double) as is_sustained,
                cast(cast(trough_holds as integer) as double) as trough_holds,
                cast(cast(is_higher as integer) as double) as is_higher
            from grouped
        )
        on depth,
        sessions_peak_to_trough,
        gain_trough_to_high,
        sessions_trough_to_recovery,
        is_sustained,
        trough_holds,
        is_higher
        into
        name measure
        value value
    ),
    told as (
        select
            side,
            index_id,
            rule,
            drawdown_class,
            end_kind,
            measure,
            count(*) as n,
            -- sums of decimals, so exact in any order
            cast(sum(cast(value as decimal(18, 9))) as double) / count(*) as mean,
            {% for q in [10, 25, 50, 75, 90] %} quantile_cont(value, {{ q / 100 }}) as p{{ q }},{% endfor %}
        from measured
        group by side, index_id, rule, drawdown_class, end_kind, measure
    ),
    counted as (
        select side, index_id, rule, drawdown_class, end_kind, count(*) as episodes
        from grouped
        group by side, index_id, rule, drawdown_class, end_kind
    ),
    spans as (
        select
            i.index_id,
            count(*) / 252.0 as years,
            max(i.session_date) as session_date,
            max(greatest(i.known_at, k.snapshot_at)) as known_at
        from {{ ref("int_index_closes") }} as i
        left join {{ ref("int_calendar") }} as k on k.session_date = i.session_date
        group by i.index_id
    ),
    walks as (
        select
            index_id,
            rule,
            max(years) as years,
            max(moments_until) as moments_until,
            max(daily_mean) as daily_mean,
            max(daily_deviation) as daily_deviation
        from {{ ref("int_random_walk_episodes") }}
        group by index_id, rule
    )
select
    h.index_id,
    h.rule,
    h.drawdown_class,
    h.end_kind,
    h.measure,
    s.session_date as built_for_session,
    u.unit,
    cast(c.episodes as integer) as n_episodes,
    round(c.episodes / cast(a.episodes as double), 6) as share_of_episodes,
    round(60 * c.episodes / s.years, 6) as episodes_per_60_years,
    cast(h.n as integer) as n,
    round(h.mean, 6) as mean,
    {% for q in [10, 25, 50, 75, 90] %}
        case when u.unit <> 'share' then round(h.p{{ q }}, 6) end as p{{ q }},
    {% endfor %}
    cast(wc.episodes as integer) as null_n_episodes,
    round(wc.episodes / cast(wa.episodes as double), 6) as null_share_of_episodes,
    round(60 * wc.episodes / cast(w.years as double), 6) as null_episodes_per_60_years,
    cast(n.n as integer) as null_n,
    round(n.mean, 6) as null_mean,
    {% for q in [10, 25, 50, 75, 90] %}
        case when u.unit <> 'share' then round(n.p{{ q }}, 6) end as null_p{{ q }},
    {% endfor %}
    w.moments_until as null_moments_until,
    round(25200 * w.daily_mean, 6) as null_yearly_mean,
    round(100 * sqrt(252) * w.daily_deviation, 6) as null_yearly_deviation,
    case when n.n is not null then 'OK' when w.years is null then 'WARMUP' else 'UNDEFINED' end as status_null,
    s.known_at
from told as h
inner join
    (
        values
            ('depth', 'pct'),
            ('sessions_peak_to_trough', 'count'),
            ('gain_trough_to_high', 'pct'),
            ('sessions_trough_to_recovery', 'count'),
            ('is_sustained', 'share'),
            ('trough_holds', 'share'),
            ('is_higher', 'share')
    ) as u(measure, unit)
    on u.measure = h.measure
inner join counted as c using (side, index_id, rule, drawdown_class, end_kind)
inner join
    counted as a
    on a.side = h.side
    and a.index_id = h.index_id
    and a.rule = h.rule
    and a.drawdown_class = 'all'
    and a.end_kind = 'all'
inner join spans as s on s.index_id = h.index_id
left join walks as w on w.index_id = h.index_id and w.rule = h.rule
left join
    told as n
    on n.side = 'walk'
    and n.index_id = h.index_id
    and n.rule = h.rule
    and n.drawdown_class = h.drawdown_class
    and n.end_kind = h.end_kind
    and n.measure = h.measure
left join
    counted as wc
    on wc.side = n.side
    and wc.index_id = n.index_id
    and wc.rule = n.rule
    and wc.drawdown_class = n.drawdown_class
    and wc.end_kind = n.end_kind
left join
    counted as wa
    on wa.side = n.side
    and wa.index_id = n.index_id
    and wa.rule = n.rule
    and wa.drawdown_class = 'all'
    and wa.end_kind = 'all'
where h.side = 'held'
order by h.index_id, h.rule, h.drawdown_class, h.end_kind, h.measure
