-- The issuer (number of its filings) behind each line of shares, as the list of members named it. A number counts from
-- the moment the list told it, never before: who will join one day must change nothing that was said earlier.
with
    symbols as (select * from {{ ref("instrument_symbols") }} where world = '{{ var("world") }}'),
    told as (
        select coalesce(y.instrument_id, 'EQ:' || k.symbol) as instrument_id, k.cik, k.known_at, k.version_no
        from {{ ref("stg_sp500_constituents") }} as k
        left join symbols as y on y.symbol = k.symbol and y.valid_to is null
        where k.cik is not null
    ),
    changed as (
        select
            *,
            lag(cik) over (partition by instrument_id order by known_at, version_no) is distinct from cik as is_change
        from told
    )
select
    instrument_id,
    'CIK:' || cik as issuer_id,
    cik,
    known_at as valid_from,
    lead(known_at) over (partition by instrument_id order by known_at, version_no) as valid_to,
    known_at
from changed
where is_change
order by instrument_id, valid_from
