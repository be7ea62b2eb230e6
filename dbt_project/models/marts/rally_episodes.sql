-- One row per rally, as it stands at the newest session. Everything is dated; decisions may use up_confirmed_date or
-- later, the trough date is a label. The daily twin is rally_daily.
with
    closes as (
        select
            *, max(close_ticks) over (partition by index_id order by session_date rows unbounded preceding) as ath_ticks
        from {{ ref("int_index_closes") }}
    ),
    open_days as (
        select *
        from {{ ref("int_rally_states") }}
        where state = 'RALLY'
        qualify row_number() over (partition by index_id, rule, up_confirmed_date order by session_date desc) = 1
    ),
    ends as (
        select s.index_id, s.rule, s.ended_date as up_confirmed_date, s.session_date as end_confirmed_date, s.end_kind
        from {{ ref("int_rally_states") }} as s
        where s.end_kind is not null
    ),
    newest as (select index_id, max(session_date) as session_date from {{ ref("int_index_closes") }} group by index_id),
    episodes as (
        select
            o.index_id,
            o.rule,
            o.peak_date,
            o.fall_confirmed_date,
            o.low_date as trough_date,
            o.up_confirmed_date,
            o.recovered_date,
            o.high_date,
            e.end_confirmed_date,
            e.end_kind,
            n.session_date,
            coalesce(e.end_confirmed_date, n.session_date) as until_date,
            row_number() over (partition by o.index_id, o.rule order by o.up_confirmed_date) as episode_no,
            min(o.peak_date) over (partition by o.index_id, o.rule) as first_peak_date
        from open_days as o
        inner join newest as n on n.index_id = o.index_id
        left join ends as e on e.index_id = o.index_id and e.rule = o.rule and e.up_confirmed_date = o.up_confirmed_date
    )
select
    e.index_id,
    e.rule,
    e.index_id || ':' || e.rule || ':' || e.up_confirmed_date as episode_id,
    cast(e.episode_no as integer) as episode_no,
    r.fall_pct,
    r.rise_pct,
    r.fade_pct,
    e.session_date as built_for_session,
    case when e.end_confirmed_date is null then 'active' else 'ended' end as status,
    e.end_kind,
    e.peak_date,
    round(p.close, 4) as peak_level,
    round(p.ath_ticks / 10000, 4) as ath_peak_level,
    e.fall_confirmed_date,
    e.trough_date,
    round(t.close, 4) as trough_level,
    round(100 * (t.close_ticks - p.close_ticks) / cast(p.close_ticks as double), 6) as depth,
    round(100 * (t.close_ticks - t.ath_ticks) / cast(t.ath_ticks as double), 6) as depth_vs_ath,
    cast(t.session_no - p.session_no as integer) as sessions_peak_to_trough,
    e.up_confirmed_date,
    e.recovered_date,
    cast(v.session_no - t.session_no as integer) as sessions_trough_to_recovery,
    e.high_date,
    round(h.close, 4) as high_level,
    round(100 * (h.close_ticks - t.close_ticks) / cast(t.close_ticks as double), 6) as gain_trough_to_high,
    e.end_confirmed_date,
    cast(u.session_no - t.session_no as integer) as age_sessions,
    cast(e.until_date - e.trough_date as integer) as age_days,
    round(100 * (u.close_ticks - t.close_ticks) / cast(t.close_ticks as double), 6) as gain_now,
    round(100 * (u.close_ticks - t.close_ticks) / cast(p.close_ticks - t.close_ticks as double), 6) as pct_retraced,
    e.peak_date = e.first_peak_date as is_left_censored,
    e.end_confirmed_date is null as is_right_censored,
    r.is_default,
    greatest(u.known_at, k.snapshot_at) as known_at
from episodes as e
inner join {{ ref("rally_rules") }} as r on r.rule = e.rule
inner join closes as p on p.index_id = e.index_id and p.session_date = e.peak_date
inner join closes as t on t.index_id = e.index_id and t.session_date = e.trough_date
inner join closes as h on h.index_id = e.index_id and h.session_date = e.high_date
inner join closes as u on u.index_id = e.index_id and u.session_date = e.until_date
left join {{ ref("int_calendar") }} as k on k.session_date = e.until_date
left join closes as v on v.index_id = e.index_id and v.session_date = e.recovered_date
order by e.index_id, e.rule, e.up_confirmed_date
