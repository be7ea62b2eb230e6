-- The newest version of each bar known at as_of. An answer that moves several older bars of a symbol by one and the
-- same ratio of a split corrects nothing: bars as traded do not change their scale (a split that never happened was
-- undone, or prices were adjusted for one that is not listed). Its rescaled bars are left as they were told first.
with
    again as (
        -- all versions of the bars that were told more than once
        select
            *,
            ln(
                close / first_value(close) over (
                    partition by symbol, session_date order by known_at, fetched_at, landing_sha256
                )
            ) as moved
        from
            (
                select *
                from {{ source("raw", "yahoo_bars") }} as cur
                semi join
                    {{ source("raw", "yahoo_bars_superseded") }} as old
                    on old.symbol = cur.symbol
                    and old.session_date = cur.session_date
                union all by name
                select *
                from {{ source("raw", "yahoo_bars_superseded") }}
            )
        where known_at <= {{ as_of() }} and close > 0
    ),
    rescaled as (
        select symbol, landing_sha256
        from again
        where abs(moved) >= 0.2
        group by symbol, landing_sha256
        having count(*) >= 3 and max(moved) - min(moved) <= 0.02
    ),
    known as (
        select *
        from {{ source("raw", "yahoo_bars") }} as cur
        -- not "not exists", which is planned over all bars twice
        anti join
            {{ source("raw", "yahoo_bars_superseded") }} as old
            on old.symbol = cur.symbol
            and old.session_date = cur.session_date
        where known_at <= {{ as_of() }}
        union all by name
        select a.* exclude (moved)
        from again as a
        where
            abs(a.moved) < 0.2
            or not exists (
                select 1 from rescaled as r where r.symbol = a.symbol and r.landing_sha256 = a.landing_sha256
            )
        qualify
            row_number() over (
                partition by symbol, session_date order by known_at desc, fetched_at desc, landing_sha256 desc
            )
            = 1
    )
select symbol, session_date, open, high, low, close, volume, instrument_type, currency, source, known_at
from known
