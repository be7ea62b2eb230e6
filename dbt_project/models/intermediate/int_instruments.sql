-- Every instrument of this world: those asked for by name, each stock met in bars or in the list of members, and former
-- members without bars. vendor_symbol is the symbol bars are filed under (null: none, or somebody else uses it today).
with
    named as (select * from {{ ref("instruments") }} where world = '{{ var("world") }}'),
    bars as (
        select b.symbol, min(b.session_date) as first_session, max(b.session_date) as last_session
        from {{ ref("stg_yahoo_bars") }} as b
        inner join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
        left join named as n on n.symbol = b.symbol and n.closes_from is not null
        where n.symbol is null or b.session_date >= n.history_from
        group by b.symbol
    ),
    currencies as (
        select symbol, arg_max({'newest':currency}, session_date).newest as currency
        from {{ ref("stg_yahoo_bars") }}
        group by symbol
    ),
    listed as (
        select symbol, name, sector_id, sub_industry, cik, known_at
        from {{ ref("stg_sp500_constituents") }}
        where is_present
        qualify row_number() over (partition by symbol order by version_no desc) = 1
    ),
    symbols_now as (
        select instrument_id, symbol
        from {{ ref("instrument_symbols") }}
        where world = '{{ var("world") }}' and valid_to is null
    ),
    given_up as (
        -- symbols that were a company's before they became somebody else's, or may yet
        select symbol, instrument_id
        from {{ ref("instrument_symbols") }}
        where world = '{{ var("world") }}' and valid_to is not null
    ),
    stock_symbols as (
        select symbol
        from bars
        where symbol not in (select symbol from named where symbol is not null)
        union
        select symbol
        from listed
    ),
    met as (
        select
            n.instrument_id,
            n.symbol,
            case when n.asset_class not in ('crypto', 'volatility') then n.symbol end as vendor_symbol,
            n.name,
            n.asset_class,
            n.role,
            n.sector_id,
            cast(null as varchar) as sub_industry,
            cast(null as varchar) as issuer_id,
            n.fund_category,
            n.history_from,
            n.closes_from,
            cast(null as timestamptz) as known_at
        from named as n
        union all
        select
            coalesce(y.instrument_id, 'EQ:' || s.symbol),
            s.symbol,
            s.symbol,
            coalesce(l.name, s.symbol),
            'stock',
            'stock',
            l.sector_id,
            l.sub_industry,
            'CIK:' || l.cik,
            null,
            null,
            null,
            l.known_at
        from stock_symbols as s
        left join symbols_now as y on y.symbol = s.symbol
        left join listed as l on l.symbol = s.symbol
    ),
    former as (
        select
            m.instrument_id,
            coalesce(max_by(y.symbol, y.valid_from), substr(m.instrument_id, 4)) as symbol,
            max(m.announced_at) as known_at
        from {{ ref("int_membership") }} as m
        left join
            {{ ref("instrument_symbols") }} as y on y.world = '{{ var("world") }}' and y.instrument_id = m.instrument_id
        where m.instrument_id not in (select instrument_id from met)
        group by m.instrument_id
    ),
    all_instruments as (
        select *
        from met
        union all by name
        select instrument_id, symbol, symbol as name, 'stock' as asset_class, 'stock' as role, known_at
        from former
    )
select
    a.* exclude (known_at),
    a.role = 'stock'
    and exists (
        select 1 from given_up as g where g.symbol = a.vendor_symbol and g.instrument_id <> a.instrument_id
    ) as has_reused_symbol,
    u.currency,
    b.first_session,
    b.last_session,
    a.known_at
from all_instruments as a
left join bars as b on b.symbol = a.vendor_symbol
left join currencies as u on u.symbol = a.vendor_symbol
order by a.instrument_id
