-- One row per instrument and session with a close: as traded, and adjusted forward. Both factors are 1 at the first
-- held
-- session; a split of s multiplies later rows by s, a dividend d by 1 + d / close on its ex-date (reinvested at that
-- close), so a later event moves no earlier row. Comparisons run on integer ticks (1e-4 of a split-adjusted price).
-- Where a split enters late the level steps without a move: gap_sessions is null and nobody counts that day.
-- Rows that were not traded (a stock or fund with zero volume) stay, but no window looks at them.
with
    bars as (
        select
            i.instrument_id,
            i.asset_class,
            b.session_date,
            c.session_no,
            c.is_half_day,
            b.open,
            b.high,
            b.low,
            b.close,
            b.volume,
            b.volume is null or b.volume > 0 or i.asset_class not in ('stock', 'etf') as is_traded,
            i.first_session,
            b.source,
            b.known_at
        from {{ ref("stg_yahoo_bars") }} as b
        inner join {{ ref("int_instruments") }} as i on i.vendor_symbol = b.symbol
        inner join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
        where b.close > 0
    ),
    steps as (
        -- at the first bar on or after the session where the action takes effect
        select a.instrument_id, b.session_date, b.close, a.action, a.value, a.ex_date, a.is_late
        from {{ ref("int_corporate_actions") }} as a
        asof join
            (select instrument_id, session_date, first_session, close from bars) as b
            on b.instrument_id = a.instrument_id
            and b.session_date >= a.session_date
        where a.session_date > b.first_session
    ),
    per_session as (
        select
            instrument_id,
            session_date,
            list_product(list(value order by ex_date) filter (where action = 'split')) as split_ratio,
            list_sum(list(value order by ex_date) filter (where action = 'dividend')) / min(close) as dividend_yield,
            bool_or(is_late and action = 'split') as has_late_split
        from steps
        group by instrument_id, session_date
    ),
    ordered as (
        select
            instrument_id,
            session_date,
            has_late_split,
            list(coalesce(split_ratio, 1)) over past as split_steps,
            list(coalesce(split_ratio, 1) * (1 + coalesce(dividend_yield, 0))) over past as tr_steps
        from per_session
        window past as (partition by instrument_id order by session_date rows unbounded preceding)
    ),
    factors as (
        -- a list is multiplied left to right, so the product of a prefix never depends on what follows
        select
            instrument_id,
            session_date,
            has_late_split,
            list_reduce(split_steps, lambda a, b:a * b) as split_factor,
            list_reduce(tr_steps, lambda a, b:a * b) as tr_factor
        from ordered
    ),
    adjusted as (
        select
            b.* exclude (first_session),
            coalesce(f.has_late_split, false) as has_late_split,
            coalesce(last_value(f.split_factor ignore nulls) over past, 1) as split_factor,
            coalesce(last_value(f.tr_factor ignore nulls) over past, 1) as tr_factor
        from bars as b
        left join factors as f on f.instrument_id = b.instrument_id and f.session_date = b.session_date
        window past as (partition by b.instrument_id order by b.session_date rows unbounded preceding)
    )
select
    instrument_id,
    asset_class,
    session_date,
    session_no,
    is_half_day,
    is_traded,
    open,
    high,
    low,
    close,
    volume,
    split_factor,
    tr_factor,
    close * split_factor as close_split,
    close * tr_factor as close_tr,
    cast(round(close * split_factor * 10000) as bigint) as close_ticks,
    cast(round(coalesce(high, close) * split_factor * 10000) as bigint) as high_ticks,
    cast(round(coalesce(low, close) * split_factor * 10000) as bigint) as low_ticks,
    cast(round(volume / split_factor) as bigint) as volume_split,
    case when not has_late_split then session_no - lag(session_no) over bars_so_far end as gap_sessions,
    row_number() over bars_so_far as bar_no,
    source,
    known_at
from adjusted
window bars_so_far as (partition by instrument_id, is_traded order by session_no)
