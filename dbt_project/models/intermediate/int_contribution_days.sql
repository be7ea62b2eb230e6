-- What each member added to the price return of the headline index, per session: weight of the evening before times
-- its price return. Dense from the first session to the last on which weights stand: an instrument that was no member
-- that day added nothing. linked is the part by which a day enters a window: Carino's ln(1 + R) / R of the index, so
-- that parts of days add up to the window's return. Decimals, so that sums over windows are exact.
with
    headline as (select instrument_id as index_id from {{ ref("int_instruments") }} where role = 'headline'),
    index_days as (
        select
            n.index_id,
            n.session_no,
            n.close_ticks / cast(b.close_ticks as double) - 1 as index_return,
            greatest(n.known_at, b.known_at) as known_at
        from {{ ref("int_index_closes") }} as n
        inner join headline as h on h.index_id = n.index_id
        inner join {{ ref("int_index_closes") }} as b on b.index_id = n.index_id and b.session_no = n.session_no - 1
    ),
    moves as (
        select
            w.*,
            case when p.gap_sessions = 1 then p.close_split / b.close_split - 1 end as return_1d,
            greatest(w.known_at, p.known_at) as moved_known_at
        from {{ ref("int_index_weights") }} as w
        left join
            {{ ref("int_prices") }} as p
            on p.instrument_id = w.instrument_id
            and p.session_no = w.session_no
            and p.is_traded
        left join
            {{ ref("int_prices") }} as b
            on b.instrument_id = w.instrument_id
            and b.session_no = w.session_no - 1
            and b.is_traded
        where w.weight_open is not null
    ),
    days as (
        select
            i.index_id,
            m.universe_id,
            m.session_date,
            i.session_no,
            i.index_return,
            case when i.index_return = 0 then 1 else ln(1 + i.index_return) / i.index_return end as link,
            min(m.weight_source_open) as weight_source,
            count(*) as n_weighed,
            count(m.return_1d) as n_moved,
            max(greatest(m.moved_known_at, i.known_at)) as known_at
        from moves as m
        inner join index_days as i on i.session_no = m.session_no
        group by all
    ),
    lines as (
        select distinct m.instrument_id, c.session_no, coalesce(i.issuer_id, m.instrument_id) as issuer_id
        from (select distinct instrument_id from moves) as m
        cross join
            (
                select session_no, snapshot_at
                from {{ ref("int_calendar") }}
                where session_no in (select session_no from days)
            ) as c
        left join
            {{ ref("int_issuers") }} as i on i.instrument_id = m.instrument_id and {{ holds_at("i", "c.snapshot_at") }}
    )
select
    d.index_id,
    d.universe_id,
    d.session_date,
    d.session_no,
    l.instrument_id,
    l.issuer_id,
    m.weight_open,
    m.return_1d,
    d.weight_source,
    d.index_return,
    d.link,
    d.n_weighed,
    d.n_moved,
    cast(coalesce(m.weight_open * m.return_1d, 0) as decimal(18, 15)) as contribution,
    cast(coalesce(m.weight_open * m.return_1d * d.link, 0) as decimal(18, 15)) as linked,
    d.known_at
from days as d
inner join lines as l on l.session_no = d.session_no
left join moves as m on m.session_no = d.session_no and m.instrument_id = l.instrument_id
order by l.instrument_id, d.session_no
