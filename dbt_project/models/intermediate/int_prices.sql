-- One row per instrument and session with a close: as traded, and adjusted forward. Both factors are 1 at the first
-- held session; a split of s multiplies later rows by s, a dividend d by 1 + d / close on its ex-date (reinvested at
-- that close), so a later event moves no earlier row. Comparisons run on integer ticks: 1e-4 of a split-adjusted price.
-- Where a split enters late the level steps without a move: gap_sessions is null and nobody counts that day.
-- Rows that were not traded (a stock or fund with zero volume), and rows in doubt, stay, but no window looks at them.
-- Where a doubt ends undecided an era begins: nothing is compared across. A payout in doubt enters no factor.
with
    doubted as (
        select
            b.* exclude (is_traded, volume),
            b.is_traded and d.doubt is null as is_traded,
            case when not coalesce(d.is_volume_aside, false) then b.volume end as volume,
            d.doubt,
            coalesce(d.is_payout_aside, false) as is_payout_aside,
            coalesce(d.is_volume_aside, false) as is_volume_aside,
            coalesce(d.starts_anew, false) as starts_anew
        from {{ ref("int_bars") }} as b
        left join
            {{ ref("int_price_doubts") }} as d on d.instrument_id = b.instrument_id and d.session_no = b.session_no
    ),
    ordered as (
        select
            instrument_id,
            session_date,
            list(split_step * (1 + case when is_payout_aside then 0 else coalesce(cash, 0) end / close)) over past
            as tr_steps
        from doubted
        where split_step <> 1 or cash is not null
        window past as (partition by instrument_id order by session_date rows unbounded preceding)
    ),
    factors as (
        -- a list is multiplied left to right, so the product of a prefix never depends on what follows
        select instrument_id, session_date, list_reduce(tr_steps, lambda a, b:a * b) as tr_factor from ordered
    ),
    adjusted as (
        select
            b.*,
            coalesce(last_value(f.tr_factor ignore nulls) over past, 1) as tr_factor,
            count(case when b.starts_anew then 1 end) over past as era
        from doubted as b
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
    era,
    doubt,
    is_payout_aside,
    is_volume_aside,
    has_no_actions,
    source,
    known_at
from adjusted
window bars_so_far as (partition by instrument_id, is_traded order by session_no)
order by instrument_id, session_no
