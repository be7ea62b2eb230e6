-- What each stock weighs inside its sector, per session, by the sector fund's own file: the newest known at the
-- snapshot and not older than five sessions. The fund caps what it holds, so these are not the index's weights. By
-- issuer: lines of one issuer are summed.
with
    sessions as (select session_date, session_no, snapshot_at from {{ ref("int_calendar") }}),
    named as ({{ ticker_spells(ref("instrument_symbols"), ref("int_instruments")) }}),
    funds as (
        select i.instrument_id, i.sector_id, i.symbol as ticker
        from {{ ref("int_instruments") }} as i
        where i.role = 'sector_etf'
    ),
    files as (
        select h.fund, h.as_of_date, min(h.known_at) as known_at, max(c.session_no) as as_of_no
        from {{ ref("stg_sector_holdings") }} as h
        asof join sessions as c on c.session_date <= h.as_of_date
        group by h.fund, h.as_of_date
    ),
    fresh as (
        select s.session_no, s.session_date, f.fund, f.as_of_date, f.as_of_no, f.known_at
        from sessions as s
        inner join files as f on f.known_at <= s.snapshot_at and f.as_of_no <= s.session_no
        qualify row_number() over (partition by s.session_no, f.fund order by f.as_of_date desc) = 1
    ),
    lines as (
        select
            h.fund,
            h.as_of_date,
            coalesce(i.issuer_id, 'EQ:' || h.ticker) as issuer_id,
            sum(cast(h.weight as decimal(18, 9))) as weight
        from {{ ref("stg_sector_holdings") }} as h
        -- a ticker means whoever bore it on the day of the file; without a history of its own it is its own
        left join named as n on n.ticker = {{ bare_ticker("h.ticker") }} and {{ holds_at("n", "h.as_of_date") }}
        left join {{ ref("int_issuers") }} as i on i.instrument_id = n.instrument_id and i.valid_to is null
        where h.is_equity and h.weight > 0
        group by h.fund, h.as_of_date, coalesce(i.issuer_id, 'EQ:' || h.ticker)
    )
select
    u.sector_id,
    f.session_date,
    f.session_no,
    f.as_of_date,
    f.session_no - f.as_of_no as age_sessions,
    l.issuer_id,
    cast(l.weight as double) / sum(l.weight) over (partition by f.session_no, f.fund) as weight,
    f.known_at
from fresh as f
inner join funds as u on u.ticker = f.fund
inner join lines as l on l.fund = f.fund and l.as_of_date = f.as_of_date
order by f.session_no, u.sector_id, l.issuer_id
