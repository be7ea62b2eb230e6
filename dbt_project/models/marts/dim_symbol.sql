-- The symbols an instrument has had. Tickers are reused: join by date.
with
    newest as (select * from {{ ref("int_calendar") }} where is_latest),
    dated as (select * from {{ ref("instrument_symbols") }} where world = '{{ var("world") }}')
select
    i.instrument_id,
    coalesce(d.valid_from, i.first_session, i.history_from, date '1990-01-02') as valid_from,
    coalesce(d.symbol, i.symbol) as symbol,
    case when d.valid_to <= n.session_date then d.valid_to end as valid_to,
    n.session_date,
    n.snapshot_at as known_at
from {{ ref("int_instruments") }} as i
cross join newest as n
left join dated as d on d.instrument_id = i.instrument_id and d.valid_from <= n.session_date
where coalesce(d.symbol, i.symbol) is not null
order by i.instrument_id, valid_from
