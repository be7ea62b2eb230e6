-- GU05: rotation out of safe havens: total return of the broad fund over 20 sessions less that of a fund of 7- to
-- 10-year Treasury bonds, of gold, of the dollar index, and of yen and francs (the mean of both). Above 0 money leaves
-- the havens. Yen and francs are quoted per dollar, so they gain when the quote falls.
with
    equity as (
        select session_no, session_date, total_return, status, known_at
        from {{ ref("int_fund_returns") }}
        where role = 'broad_etf' and span = 20
    ),
    havens as (
        select
            case
                when i.role = 'treasury_etf'
                then 'bond'
                when i.instrument_id = 'FU:GC'
                then 'gold'
                when i.instrument_id = 'FX:DXY'
                then 'usd'
                else 'fx'
            end as haven,
            i.instrument_id,
            i.instrument_id in ('FX:JPY', 'FX:CHF') as is_inverse,
            min(p.session_no) as first_no
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id
        where i.role = 'treasury_etf' or i.instrument_id in ('FU:GC', 'FX:DXY', 'FX:JPY', 'FX:CHF')
        group by i.instrument_id, i.role
    ),
    whole as (
        select haven, count(*) as n_legs, max(first_no) as first_no
        from havens
        group by haven
        -- a basket of which one is not held says nothing
        having count(*) = case haven when 'fx' then 2 else 1 end
    ),
    legs as (
        select
            h.haven,
            e.session_no,
            e.session_date,
            e.total_return as equity_return,
            e.status as equity_status,
            e.known_at as equity_known_at,
            w.n_legs,
            case
                when h.is_inverse then b.close_tr / n.close_tr - 1 else n.close_tr / b.close_tr - 1
            end as haven_return,
            {{ span_status("e.session_no - 20 < w.first_no") }} as status,
            greatest(n.known_at, b.known_at) as known_at
        from equity as e
        inner join whole as w on w.first_no <= e.session_no
        inner join havens as h on h.haven = w.haven
        left join {{ ref("int_prices") }} as n on n.instrument_id = h.instrument_id and n.session_no = e.session_no
        left join {{ ref("int_prices") }} as b on b.instrument_id = h.instrument_id and b.session_no = e.session_no - 20
    ),
    readings as (
        select
            'GU05_' || haven as reading_id,
            'US' as entity_id,
            session_date,
            session_date as obs_period,
            100 * (max(equity_return) - avg(haven_return)) as value,
            case
                when max(equity_status) <> 'OK'
                then max(equity_status)
                else coalesce(min(status) filter (where status <> 'OK'), 'OK')
            end as status,
            cast(max(equity_status) = 'OK' as integer) + count(*) filter (where status = 'OK') as n_used,
            1 + count(*) as n_expected,
            greatest(max(equity_known_at), max(known_at)) as known_at
        from legs
        group by haven, session_no, session_date
    )
    {{ readings("readings", "GU05") }}
