-- The symbols an instrument has had. Tickers are reused: join by date. Of a former member without bars only its stays
-- are known: its symbol counts from the first of them to the end of the last.
with
    newest as (select * from {{ ref("int_calendar") }} where is_latest),
    dated as (select * from {{ ref("instrument_symbols") }} where world = '{{ var("world") }}'),
    stays as (
        select instrument_id, min(valid_from) as first_day, max(coalesce(valid_to, date '9999-12-31')) as end_day
        from {{ ref("int_membership") }}
        group by instrument_id
    )
select
    i.instrument_id,
    coalesce(d.valid_from, i.first_session, i.history_from, s.first_day, date '1990-01-02') as valid_from,
    coalesce(d.symbol, i.symbol) as symbol,
    case
        when d.valid_to <= n.session_date
        then d.valid_to
        when
            d.instrument_id is null
            and i.first_session is null
            and i.history_from is null
            and s.end_day <= n.session_date
        then s.end_day
    end as valid_to,
    n.snapshot_at as known_at
from {{ ref("int_instruments") }} as i
cross join newest as n
left join dated as d on d.instrument_id = i.instrument_id and d.valid_from <= n.session_date
left join stays as s on s.instrument_id = i.instrument_id
where coalesce(d.symbol, i.symbol) is not null
order by i.instrument_id, valid_from
