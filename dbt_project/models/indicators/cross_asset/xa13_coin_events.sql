-- XA13: what a coin did beyond the index around events of its own (percent, logarithms): the session that could answer
-- first and the one after it, with the slope over the 60 sessions before. A row stands at the second of them; before
-- the first event of a coin its sessions say that there is none yet. And the share of such sessions in the sum of
-- squared returns of 252 sessions.
with
    events as (
        select distinct e.instrument_id, c.session_no
        from {{ ref("crypto_events") }} as e
        asof inner join
            (select session_no, snapshot_at from {{ ref("int_calendar") }}) as c on c.snapshot_at >= e.known_at
        where e.world = '{{ var("world") }}' and e.known_at <= {{ as_of() }}
    ),
    coins as (
        select
            r.asset_x || '~' || r.asset_y as entity_id,
            a.entity_id as instrument_id,
            lower(r.asset_y) as coin,
            r.* exclude (asset_x, asset_y)
        from {{ ref("int_running_correlations") }} as r
        inner join {{ ref("correlation_assets") }} as a on a.world = '{{ var("world") }}' and a.asset_id = r.asset_y
    ),
    marked as (
        select
            c.*,
            exists (
                select 1
                from events as e
                where e.session_no = c.session_no and coalesce(e.instrument_id, c.instrument_id) = c.instrument_id
            ) as is_event
        from coins as c
    ),
    placed as (
        select
            *,
            lag(is_event) over own as was_event,
            is_event or coalesce(lag(is_event) over own, false) as is_counted,
            lag(return_x) over own as return_x_before,
            lag(return_y) over own as return_y_before,
            -- of the 60 sessions before the event
            lag(beta, 2) over own as beta_before,
            lag(n_beta, 2) over own as n_beta_before
        from marked
        window own as (partition by coin order by session_no)
    ),
    shares as (
        select
            *,
            coalesce(bool_or(was_event) over so_far, false) as has_had_event,
            count(return_y) over year as n_year,
            sum(return_y * return_y) over year as squares,
            sum(return_y * return_y) filter (where is_counted) over year as squares_counted
        from placed
        window
            year as (partition by coin order by session_no range between 251 preceding and current row),
            so_far as (partition by coin order by session_no rows unbounded preceding)
    ),
    readings as (
        select
            'XA13_' || coin || '_abnormal' as reading_id,
            entity_id,
            session_date,
            session_date as obs_period,
            100 * (return_y_before + return_y - beta_before * (return_x_before + return_x)) as value,
            case
                when not has_had_event
                then 'UNDEFINED'
                when coalesce(n_beta_before, 0) < 54
                then 'WARMUP'
                when return_x is null or return_y is null or return_x_before is null or return_y_before is null
                then 'NOT_PUBLISHED'
                else 'OK'
            end as status,
            case when has_had_event then coalesce(n_beta_before, 0) else 0 end as n_used,
            60 as n_expected,
            known_at
        from shares
        where was_event or not has_had_event
        union all
        select
            'XA13_' || coin || '_share',
            entity_id,
            session_date,
            session_date,
            coalesce(squares_counted, 0) / nullif(squares, 0),
            case when n_year < 227 then 'WARMUP' else 'OK' end,
            n_year,
            252,
            known_at
        from shares
    )
    {{ readings("readings", "XA13") }}
