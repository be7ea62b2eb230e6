-- The sector of each stock as known: [valid_from, valid_to) in sessions. The first label seen is taken to hold
-- since the company joined the list (an honest reconstruction); a later label counts from the moment it was seen.
with
    versions as (
        select
            k.symbol,
            coalesce(y.instrument_id, 'EQ:' || k.symbol) as instrument_id,
            k.sector_id,
            k.known_at,
            k.version_no
        from {{ ref("stg_sp500_constituents") }} as k
        left join
            {{ ref("instrument_symbols") }} as y
            on y.world = '{{ var("world") }}'
            and y.symbol = k.symbol
            and y.valid_to is null
        where k.is_present
    ),
    effective as (
        select v.*, c.session_date as valid_from
        from versions as v
        asof join {{ ref("int_calendar") }} as c on c.snapshot_at >= v.known_at
    ),
    spoken as (
        select *, lead(valid_from) over (partition by instrument_id order by version_no, symbol) as valid_to
        from effective
    )
select instrument_id, sector_id, valid_from, valid_to, known_at
from spoken
where sector_id is not null and (valid_to is null or valid_from < valid_to)
order by instrument_id, valid_from
