-- Every instrument, as of the newest session.
select
    i.instrument_id,
    i.symbol,
    i.name,
    i.asset_class,
    i.role,
    i.sector_id,
    i.sub_industry,
    i.issuer_id,
    i.currency,
    i.first_session,
    i.last_session,
    n.snapshot_at as known_at
from {{ ref("int_instruments") }} as i
inner join {{ ref("int_calendar") }} as n on n.is_latest
order by i.instrument_id
