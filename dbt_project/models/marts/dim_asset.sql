-- What correlations are taken of, with the instrument or the series each return comes from.
select
    a.asset_id,
    a.name,
    a.kind,
    case when a.kind <> 'yield' then a.entity_id end as instrument_id,
    case when a.kind = 'yield' then a.entity_id end as series_id,
    a.sort_order,
    n.snapshot_at as known_at
from {{ ref("correlation_assets") }} as a
inner join {{ ref("int_calendar") }} as n on n.is_latest
where a.world = '{{ var("world") }}'
order by a.asset_id
