-- One row per index, rule and session, from closes up to that session only. Episode columns are filled while a rally is
-- open (its trough is known since up_confirmed_date); drawdown always.
with
    closes as (
        select
            *, max(close_ticks) over (partition by index_id order by session_date rows unbounded preceding) as ath_ticks
        from {{ ref("int_index_closes") }}
    )
select
    s.index_id,
    s.rule,
    s.session_date,
    s.state,
    case when s.state = 'RALLY' then s.index_id || ':' || s.rule || ':' || s.up_confirmed_date end as episode_id,
    case when s.state = 'RALLY' then c.session_no - t.session_no end as age_sessions,
    case
        when s.state = 'RALLY' then round(100 * (c.close_ticks - t.close_ticks) / cast(t.close_ticks as double), 6)
    end as gain,
    case
        when s.state = 'RALLY'
        then round(100 * (c.close_ticks - t.close_ticks) / cast(p.close_ticks - t.close_ticks as double), 6)
    end as retraced,
    round(100 * (c.close_ticks - c.ath_ticks) / cast(c.ath_ticks as double), 6) as drawdown,
    case
        when 100 * c.close_ticks <= 80 * c.ath_ticks
        then 'bear'
        when 100 * c.close_ticks <= 90 * c.ath_ticks
        then 'correction'
        when 100 * c.close_ticks <= 95 * c.ath_ticks
        then 'pullback'
        else 'none'
    end as drawdown_class,
    r.is_default,
    case when s.state = 'RALLY' then 'OK' else 'UNDEFINED' end as status,
    greatest(c.known_at, k.snapshot_at) as known_at
from {{ ref("int_rally_states") }} as s
inner join {{ ref("rally_rules") }} as r on r.rule = s.rule
left join {{ ref("int_calendar") }} as k on k.session_date = s.session_date
inner join closes as c on c.index_id = s.index_id and c.session_date = s.session_date
left join closes as p on p.index_id = s.index_id and p.session_date = s.peak_date
left join closes as t on t.index_id = s.index_id and t.session_date = s.low_date
order by s.index_id, s.rule, s.session_date
