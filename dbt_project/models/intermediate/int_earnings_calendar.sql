-- The calendar of reports in every version, each row with the stock whose symbol it was on the day of the report.
select
    coalesce(y.instrument_id, 'EQ:' || k.symbol) as instrument_id,
    k.* exclude (source),
    {{ fiscal_quarter("k.fiscal_end") }} as fiscal_quarter
from {{ ref("stg_nasdaq_earnings_calendar") }} as k
left join
    {{ ref("instrument_symbols") }} as y
    on y.world = '{{ var("world") }}'
    and y.symbol = k.symbol
    and {{ holds_at("y", "k.report_date") }}
order by k.report_date, k.symbol, k.version_no
