-- The windows over which contributions are told, per session: the last session, the last twenty, and since the trough
-- of the open rally. A window stands when each of its sessions had weights and the index a close; its index return is
-- by closes, link_window Carino's factor of the whole window, known_at the newest of all its days.
with
    closes as (
        select n.index_id, n.session_date, n.session_no, n.close_ticks, n.known_at
        from {{ ref("int_index_closes") }} as n
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = n.index_id and i.role = 'headline'
    ),
    days as (
        select
            *,
            row_number() over (order by session_no) as day_no,
            -- another one whenever the source of weights changes
            sum(case when is_same then 0 else 1 end) over (order by session_no) as source_run
        from
            (
                select *, weight_source = lag(weight_source) over (order by session_no) as is_same
                from
                    (
                        select session_no, min(weight_source) as weight_source, max(known_at) as known_at
                        from {{ ref("int_contribution_days") }}
                        group by session_no
                    )
            )
    ),
    rallies as (
        select s.session_date, s.low_date
        from {{ ref("int_rally_states") }} as s
        inner join {{ ref("rally_rules") }} as r on r.rule = s.rule and r.is_default
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = s.index_id and i.role = 'headline'
        where s.state = 'RALLY'
    ),
    spans as (
        select universe_id, session_date, session_no, '1d' as window_id, session_no - 1 as start_no, status, known_at
        from {{ ref("int_weight_sources") }}
        union all
        select universe_id, session_date, session_no, '20d', session_no - 20, status, known_at
        from {{ ref("int_weight_sources") }}
        union all
        select w.universe_id, w.session_date, w.session_no, 'since_trough', c.session_no, w.status, w.known_at
        from {{ ref("int_weight_sources") }} as w
        left join rallies as r on r.session_date = w.session_date
        left join closes as c on c.session_date = r.low_date
    ),
    -- the newest of all the days that a window is made of
    newest as (
        select s.session_no, s.window_id, max(d.known_at) as known_at
        from spans as s
        inner join days as d on d.session_no > s.start_no and d.session_no <= s.session_no
        group by s.session_no, s.window_id
    ),
    measured as (
        select
            h.instrument_id as index_id,
            s.universe_id,
            s.window_id,
            s.session_date,
            s.session_no,
            s.start_no,
            b.session_date as window_start,
            n.close_ticks / cast(b.close_ticks as double) - 1 as index_return,
            coalesce(d.day_no - f.day_no + 1 = s.session_no - s.start_no, false) as is_whole,
            case when d.source_run = f.source_run then f.weight_source else 'mixed' end as weight_source,
            s.status as status_weights,
            greatest(n.known_at, b.known_at, k.known_at, s.known_at) as known_at
        from spans as s
        cross join (select instrument_id from {{ ref("int_instruments") }} where role = 'headline') as h
        left join closes as n on n.session_no = s.session_no
        left join closes as b on b.session_no = s.start_no
        left join days as d on d.session_no = s.session_no
        left join days as f on f.session_no = s.start_no + 1
        left join newest as k on k.session_no = s.session_no and k.window_id = s.window_id
    )
select
    index_id,
    universe_id,
    window_id,
    session_date,
    session_no,
    start_no,
    window_start,
    index_return,
    case
        when index_return is null
        then null
        when abs(index_return) < 1e-12
        then 1
        else ln(1 + index_return) / index_return
    end as link_window,
    case when is_whole and index_return is not null then weight_source end as weight_source,
    case
        when window_id = 'since_trough' and start_no is null
        then 'UNDEFINED'
        when is_whole and index_return is not null
        then 'OK'
        when status_weights <> 'OK'
        then status_weights
        else 'WARMUP'
    end as status,
    known_at
from measured
order by session_no, window_id, universe_id
