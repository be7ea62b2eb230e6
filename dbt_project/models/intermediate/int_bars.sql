-- One row per instrument and session with a close, as traded, with what enters the factors on it: a split or payout
-- takes effect at the first bar on or after its session, and none before the first bar held. Made by session it reads
-- the bars of more than 400 days, which is how far back a payout is looked for, and the newest bar before them of
-- each symbol: all older events so lie on bars that are not made, and their product is the factor that stood.
with
    told as (select * from {{ ref("stg_yahoo_bars") }} {{ newest_before_first_read("stg_yahoo_bars", "symbol") }}),
    bars as (
        select
            i.instrument_id,
            i.asset_class,
            i.role,
            i.fund_category,
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
        from told as b
        inner join {{ ref("int_instruments") }} as i on i.vendor_symbol = b.symbol
        inner join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
        -- older closes of an index are told in int_index_closes only
        where b.close > 0 and (i.closes_from is null or b.session_date >= i.history_from)
    ),
    steps as (
        -- at the first bar on or after the session where the action takes effect
        select
            a.instrument_id,
            b.session_date,
            b.close,
            a.action,
            a.value,
            a.session_date as enters_on,
            a.ex_date,
            a.is_late,
            a.doubt
        from {{ ref("int_corporate_actions") }} as a
        asof join
            (select instrument_id, session_date, first_session, close from bars) as b
            on b.instrument_id = a.instrument_id
            and b.session_date >= a.session_date
        where a.session_date > b.first_session
    ),
    per_session as (
        -- a payout that is large and learnt late cannot be seen in the price of the session that learns it
        select
            instrument_id,
            session_date,
            list_product(
                list(value order by enters_on, ex_date, is_late) filter (where action = 'split')
            ) as split_step,
            list_sum(list(value order by ex_date) filter (where action = 'dividend')) as cash,
            bool_or(is_late and action = 'split') as has_late_split,
            bool_or(
                action = 'dividend' and (doubt is not null or (is_late and value > 0.06 * close))
            ) as is_cash_doubted,
            bool_or(action = 'step' and not is_late) as has_unlisted_step
        from steps
        group by instrument_id, session_date
    ),
    factors as (
        -- a list is multiplied left to right, so the product of a prefix never depends on what follows
        select
            instrument_id,
            session_date,
            list_reduce(list(coalesce(split_step, 1)) over past, lambda a, b:a * b) as split_factor
        from per_session
        where split_step is not null
        window past as (partition by instrument_id order by session_date rows unbounded preceding)
    ),
    -- bond and broad funds always pay: without a payout in 400 days the vendor does not tell any
    payers as (
        select instrument_id, session_date, first_session
        from bars
        where
            asset_class = 'etf'
            and (
                role in ('broad_etf', 'bond_etf', 'treasury_etf', 'equal_weight_etf')
                or fund_category in ('equity_us', 'equity_intl')
                or fund_category like 'bond%'
            )
    ),
    unpaid as (
        select p.instrument_id, p.session_date
        from payers as p
        asof left join
            (select instrument_id, session_date as paid_on from per_session where cash is not null) as d
            on d.instrument_id = p.instrument_id
            and d.paid_on <= p.session_date
        where date_diff('day', coalesce(d.paid_on, p.first_session), p.session_date) > 400
    )
select
    b.* exclude (first_session, role, fund_category),
    b.role = 'headline' as is_headline,
    coalesce(last_value(f.split_factor ignore nulls) over past, 1) as split_factor,
    coalesce(s.split_step, 1) as split_step,
    s.cash,
    coalesce(s.has_late_split, false) as has_late_split,
    coalesce(s.is_cash_doubted, false) as is_cash_doubted,
    coalesce(s.has_unlisted_step, false) as has_unlisted_step,
    u.instrument_id is not null as has_no_actions
from bars as b
left join per_session as s on s.instrument_id = b.instrument_id and s.session_date = b.session_date
left join factors as f on f.instrument_id = b.instrument_id and f.session_date = b.session_date
left join unpaid as u on u.instrument_id = b.instrument_id and u.session_date = b.session_date
window past as (partition by b.instrument_id order by b.session_date rows unbounded preceding)
