{{ config(materialized="table") }}
-- Readings and the score that analogues compare, per session: only figures that were known then.
select f.feature_id, f.source, c.session_no, r.value
from {{ ref("all_readings") }} as r
inner join {{ ref("analogue_features") }} as f on f.subject = r.reading_id and f.source in ('level', 'change')
inner join {{ ref("int_calendar") }} as c on c.session_date = r.session_date
where r.status = 'OK' and not r.is_reconstructed
union all by name
select f.feature_id, f.source, c.session_no, s.composite as value
from {{ ref("answer_scores") }} as s
inner join {{ ref("analogue_features") }} as f on f.source = 'score'
inner join {{ ref("int_calendar") }} as c on c.session_date = s.session_date
where s.composite is not null
order by feature_id, session_no
