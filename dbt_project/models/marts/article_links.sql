-- What each line of the source article rests on: readings, claims, published tables, and how each stands at the newest
-- session. A reading of several things (sectors, themes, coins) has no one value: it says of how many it speaks.
with
    newest as (select session_date, snapshot_at from {{ ref("int_calendar") }} where is_latest),
    readings as (
        select
            r.reading_id,
            count(*) as entities,
            count(*) filter (where r.status = 'OK') as known,
            max(r.value) filter (where r.status = 'OK') as value,
            max(r.value_text) filter (where r.status = 'OK') as value_text,
            max(r.direction) as direction,
            min(r.status) filter (where r.status <> 'OK') as why,
            max(r.known_at) as known_at
        from {{ ref("indicator_readings") }} as r
        inner join newest as n on n.session_date = r.session_date
        where r.reading_id in (select target_id from {{ ref("article_targets") }} where target_kind = 'reading')
        group by r.reading_id
    )
select
    t.line_no,
    t.link_no,
    n.session_date,
    t.target_kind,
    t.mart,
    t.target_id,
    coalesce(i.name, c.statement, t.target_id, t.mart) as label,
    case when r.entities = 1 then r.value end as value,
    case when t.target_kind = 'reading' then i.unit end as unit,
    case
        when r.entities > 1 then concat(r.known, ' of ', r.entities, ' have a value') when r.known = 1 then r.value_text
    end as value_text,
    case when r.entities = 1 then r.direction end as direction,
    case when c.session_date <= n.session_date then c.verdict_now end as verdict,
    case
        when t.target_kind = 'mart'
        then 'OK'
        when t.target_kind = 'claim'
        then case when c.claim_id is null then 'NOT_AVAILABLE' else 'OK' end
        when r.known > 0
        then 'OK'
        else coalesce(r.why, 'NOT_AVAILABLE')
    end as status,
    coalesce(r.known_at, n.snapshot_at) as known_at
from {{ ref("article_targets") }} as t
cross join newest as n
left join {{ ref("indicators") }} as i on t.target_kind = 'reading' and i.reading_id = t.target_id
left join readings as r on t.target_kind = 'reading' and r.reading_id = t.target_id
left join {{ ref("claims_audit") }} as c on t.target_kind = 'claim' and c.claim_id = t.target_id
order by t.line_no, t.link_no
