-- The issuer (number of its filings) behind each line of shares, as the list of members named it. Who a company is,
-- is no news: the first number seen speaks for the time before it too, also in a build as of a day before it was
-- seen; a later one counts from the snapshot that knew it.
with
    symbols as (select * from {{ ref("instrument_symbols") }} where world = '{{ var("world") }}'),
    told as (
        select coalesce(y.instrument_id, 'EQ:' || k.symbol) as instrument_id, k.cik, k.known_at, k.version_no
        from {{ ref("stg_sp500_issuers") }} as k
        left join symbols as y on y.symbol = k.symbol and y.valid_to is null
    ),
    changed as (
        select
            *,
            lag(cik) over (partition by instrument_id order by known_at, version_no) is distinct from cik as is_change,
            row_number() over (partition by instrument_id order by known_at, version_no) = 1 as is_first
        from told
    )
select
    instrument_id,
    'CIK:' || cik as issuer_id,
    cik,
    case when is_first then timestamptz '1900-01-01T00:00:00Z' else known_at end as valid_from,
    lead(known_at) over (partition by instrument_id order by known_at, version_no) as valid_to
from changed
where is_change and (is_first or known_at <= {{ as_of() }})
order by instrument_id, valid_from
