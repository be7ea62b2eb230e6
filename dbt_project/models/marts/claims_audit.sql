-- Dated claims of the press against the closes: as they stood on the day of the report, and as they stand today.
{% set verdict = "case when c.predicate_sql is null then 'NOT_TESTABLE' when c.settles_on > {m}.until_session then 'OPEN'"
    " when {m}.sessions = 0 or {m}.share_true is null then 'NO_DATA' when {m}.share_true = 1 then 'TRUE'"
    " when {m}.share_true = 0 then 'FALSE' else 'PARTLY' end" %}
select
    c.claim_id,
    t.until_session as session_date,
    c.reported_on,
    c.outlet,
    c.title,
    c.url,
    c.statement,
    c.driver_id,
    'select ' || c.predicate_sql || ' from int_claim_facts where ' || c.sessions_sql as predicate_sql,
    {{ verdict | replace("{m}", "t") }} as verdict_then,
    t.found as found_text,
    {{ verdict | replace("{m}", "n") }} as verdict_now,
    n.found as found_text_now,
    n.until_session as judged_until,
    c.settles_on,
    k.snapshot_at as known_at
from {{ ref("claims") }} as c
inner join {{ ref("int_claim_verdicts") }} as t on t.claim_id = c.claim_id and t.moment = 'then'
inner join {{ ref("int_claim_verdicts") }} as n on n.claim_id = c.claim_id and n.moment = 'now'
inner join {{ ref("int_calendar") }} as k on k.session_date = t.until_session
where c.world = '{{ var("world") }}'
order by c.claim_id
