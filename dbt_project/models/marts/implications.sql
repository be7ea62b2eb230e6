-- What the advance did to somebody who holds the index, per session: how much of a fund hangs on the largest names, how
-- far weights have drifted since the trough, what a 60/40 bought at the trough is now, and the week options price.
with
    sessions as (
        select h.index_id, h.session_date, h.session_no, h.close_ticks / 10000.0 as close, c.snapshot_at
        from {{ ref("int_headline_returns") }} as h
        inner join {{ ref("int_calendar") }} as c on c.session_date = h.session_date
        where h.session_date >= date '2015-01-02'
    ),
    troughs as (
        select n.index_id, n.session_date, n.session_no, s.low_date as trough_date, c.session_no as trough_no
        from sessions as n
        inner join {{ ref("int_rally_states") }} as s on s.index_id = n.index_id and s.session_date = n.session_date
        inner join {{ ref("rally_rules") }} as r on r.rule = s.rule and r.is_default
        inner join {{ ref("int_calendar") }} as c on c.session_date = s.low_date
        where s.state = 'RALLY'
    ),
    lines as (
        select w.session_no, w.instrument_id, w.weight_close
        from {{ ref("int_index_weights") }} as w
        inner join {{ ref("universes") }} as u on u.universe_id = w.universe_id and u.is_default
        where w.weight_close is not null
    ),
    largest as (
        select *, row_number() over (partition by session_no order by weight_close desc, instrument_id) as rank
        from lines
        qualify rank <= 5
    ),
    drifts as (
        select t.index_id, t.session_date, n.rank, n.instrument_id, 100 * (n.weight_close / o.weight_close - 1) as drift
        from troughs as t
        inner join largest as n on n.session_no = t.session_no
        inner join lines as o on o.session_no = t.trough_no and o.instrument_id = n.instrument_id
    ),
    legs as (
        select b.leg, b.share, p.session_no, p.close_tr
        from {{ ref("int_prices") }} as p
        inner join
            {{ ref("balanced_portfolio") }} as b on b.world = '{{ var("world") }}' and b.instrument_id = p.instrument_id
        where p.is_traded and not p.has_no_actions
    ),
    portfolio as (
        select s.session_no, s.share as stock_share, s.close_tr as stocks, b.share as bond_share, b.close_tr as bonds
        from legs as s
        inner join legs as b on b.session_no = s.session_no and b.leg = 'bonds'
        where s.leg = 'stocks'
    ),
    mixed as (
        select
            t.index_id,
            t.session_date,
            n.stock_share * n.stocks / o.stocks as stocks,
            n.bond_share * n.bonds / o.bonds as bonds
        from troughs as t
        inner join portfolio as n on n.session_no = t.session_no
        inner join portfolio as o on o.session_no = t.trough_no
    ),
    readings as (
        select r.reading_id, r.session_date, r.value, r.status
        from {{ ref("indicator_readings") }} as r
        where r.reading_id in (select subject from {{ ref("implication_items") }} where source = 'reading')
        qualify
            row_number() over (partition by r.reading_id, r.session_date order by r.entity_id = 'none', r.entity_id) = 1
    ),
    found as (
        select s.index_id, s.session_date, i.item_id, r.value, r.status, cast(null as varchar) as instrument_id
        from sessions as s
        inner join {{ ref("implication_items") }} as i on i.source = 'reading'
        inner join readings as r on r.reading_id = i.subject and r.session_date = s.session_date
        union all by name
        select d.index_id, d.session_date, i.item_id, d.drift as value, 'OK' as status, d.instrument_id
        from drifts as d
        inner join {{ ref("implication_items") }} as i on i.source = 'drift' and i.rank = d.rank
        union all by name
        select
            m.index_id,
            m.session_date,
            i.item_id,
            case
                i.subject
                when 'stocks'
                then m.stocks / (m.stocks + m.bonds)
                when 'return'
                then 100 * (m.stocks + m.bonds - 1)
            end as value,
            'OK' as status
        from mixed as m
        inner join {{ ref("implication_items") }} as i on i.source = 'balanced'
        union all by name
        select
            s.index_id,
            s.session_date,
            i.item_id,
            case
                i.subject
                when 'width'
                then v.close * sqrt(5 / 252.0)
                when 'low'
                then s.close * (1 - v.close * sqrt(5 / 252.0) / 100)
                when 'high'
                then s.close * (1 + v.close * sqrt(5 / 252.0) / 100)
            end as value,
            'OK' as status
        from sessions as s
        inner join {{ ref("int_volatility_closes") }} as v on v.symbol = 'VIX' and v.session_no = s.session_no
        inner join {{ ref("implication_items") }} as i on i.source = 'range'
    ),
    valued as (
        select
            s.index_id,
            s.session_date,
            s.snapshot_at,
            i.item_id,
            i.sort_order,
            i.label,
            i.unit,
            case when i.source in ('drift', 'balanced') then t.trough_date end as since_date,
            f.instrument_id,
            f.value,
            case
                when i.source in ('drift', 'balanced') and t.trough_date is null
                then 'UNDEFINED'
                else coalesce(f.status, 'NOT_AVAILABLE')
            end as why_not
        from sessions as s
        cross join {{ ref("implication_items") }} as i
        left join troughs as t on t.index_id = s.index_id and t.session_date = s.session_date
        left join found as f on f.index_id = s.index_id and f.session_date = s.session_date and f.item_id = i.item_id
    )
select
    index_id,
    session_date,
    item_id,
    cast(sort_order as integer) as sort_order,
    label,
    instrument_id,
    since_date,
    {{ one_zero("round(value, 6)") }} as value,
    unit,
    case when value is not null then 'OK' when why_not = 'OK' then 'UNDEFINED' else why_not end as status,
    snapshot_at as known_at
from valued
order by session_date, sort_order
