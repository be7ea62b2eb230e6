-- One row per stock and report: of those that came, figure, forecast, surprise and what the price did in the first
-- session that could answer; of those whose figure is not told, the next day from the newest session on, as expected at
-- its snapshot. Days that moved are vintages in raw.
with
    newest as (select session_date, session_no, snapshot_at from {{ ref("int_calendar") }} where is_latest),
    listed as (
        -- a report is told of who was a member by then, or had been; who joins later adds nothing to the time before
        select instrument_id, min(valid_from) as since
        from {{ ref("int_membership") }}
        where is_default
        group by instrument_id
    ),
    came as (
        select
            r.instrument_id,
            r.report_date,
            r.fiscal_quarter,
            r.fiscal_end,
            r.timing,
            r.timing_source,
            r.eps_forecast as forecast_eps,
            r.eps as actual_eps,
            r.effective_session,
            r.report_no,
            r.timing_known_at,
            r.known_at,
            c.session_date
        from {{ ref("int_earnings_reports") }} as r
        -- the vendor tells a figure a day later: the session is the one whose snapshot knew it first
        asof inner join {{ ref("int_calendar") }} as c on c.snapshot_at >= r.known_at
    ),
    ahead as (
        select
            k.instrument_id,
            k.report_date,
            k.fiscal_quarter,
            k.fiscal_end,
            k.timing,
            case when k.timing <> 'unknown' then 'nasdaq' end as timing_source,
            k.eps_forecast as forecast_eps,
            k.known_at
        from {{ ref("int_earnings_calendar") }} as k
        cross join newest as n
        where k.valid_until is null and k.is_present and k.eps is null and k.report_date >= n.session_date
        qualify row_number() over (partition by k.instrument_id order by k.report_date, k.version_no desc) = 1
    ),
    told as (
        select *, false as is_ahead
        from came
        union all by name
        select *, true as is_ahead
        from ahead
    )
select
    t.instrument_id,
    t.report_date,
    coalesce(t.session_date, n.session_date) as session_date,
    t.fiscal_quarter,
    t.fiscal_end,
    t.timing,
    t.timing_source,
    t.forecast_eps,
    t.actual_eps,
    case
        when abs(t.forecast_eps) >= 0.01 then round(100 * (t.actual_eps - t.forecast_eps) / abs(t.forecast_eps), 6)
    end as surprise_pct,
    case
        when t.actual_eps is null or t.forecast_eps is null
        then null
        when round(t.actual_eps - t.forecast_eps, 2) > 0
        then 'beat'
        when round(t.actual_eps - t.forecast_eps, 2) < 0
        then 'miss'
        else 'in_line'
    end as outcome,
    t.effective_session,
    round(100 * (p.close_tr / b.close_tr - 1), 6) as return_pct,
    round(w.weight_close, 9) as index_weight,
    k.basket_id as basket,
    t.is_ahead,
    case when t.is_ahead then 'NOT_PUBLISHED' else 'OK' end as status,
    case
        when t.is_ahead
        then 'NOT_PUBLISHED'
        when t.effective_session is null
        then 'NOT_AVAILABLE'
        when p.close_tr is null or b.close_tr is null
        then 'NOT_PUBLISHED'
        else 'OK'
    end as status_return,
    case when w.weight_close is null then 'NOT_AVAILABLE' else 'OK' end as status_weight,
    greatest(t.known_at, t.timing_known_at, p.known_at, case when t.is_ahead then n.snapshot_at end) as known_at
from told as t
cross join newest as n
inner join listed as l on l.instrument_id = t.instrument_id and l.since <= coalesce(t.session_date, n.session_date)
left join {{ ref("int_calendar") }} as e on e.session_date = t.effective_session
left join
    {{ ref("int_prices") }} as p
    on p.instrument_id = t.instrument_id
    and p.session_no = e.session_no
    and p.gap_sessions = 1
left join
    {{ ref("int_prices") }} as b
    on b.instrument_id = t.instrument_id
    and b.session_no = e.session_no - 1
    and b.is_traded
left join
    {{ ref("int_index_weights") }} as w
    on w.instrument_id = t.instrument_id
    and w.session_no = coalesce(t.report_no, n.session_no)
left join
    {{ ref("basket_members") }} as k
    on k.world = '{{ var("world") }}'
    and k.instrument_id = t.instrument_id
    and {{ holds_at("k", "t.report_date") }}
left join {{ ref("baskets") }} as s on s.basket_id = k.basket_id
qualify
    row_number() over (
        partition by t.instrument_id, t.report_date order by t.is_ahead, t.fiscal_quarter desc, s.sort_order
    )
    = 1
order by t.report_date, t.instrument_id
