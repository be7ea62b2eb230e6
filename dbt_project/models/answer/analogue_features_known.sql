{{ config(materialized="table") }}
-- Readings that analogues compare, per session: only figures that were known then.
select f.feature_id, f.source, c.session_no, r.value
from {{ ref("all_readings") }} as r
inner join {{ ref("analogue_features") }} as f on f.subject = r.reading_id and f.source <> 'price'
inner join {{ ref("int_calendar") }} as c on c.session_date = r.session_date
where r.status = 'OK' and not r.is_reconstructed
order by f.feature_id, c.session_no
