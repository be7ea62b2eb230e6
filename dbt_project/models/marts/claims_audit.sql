-- Dated claims of the press against what is published: as it was known on the day of the report, and as it stands
-- today.
-- A claim with several parts is TRUE when all are, FALSE when none is, else PARTLY; where a part is not known, it is
-- PARTLY if the others already say so, else NO_DATA. The SQL of a claim is that rule over the SQL of its parts.
{% set verdict = "case when p.claim_id is null then 'NOT_TESTABLE' when c.settles_on > {until} then 'OPEN'"
    " when {share} is null then 'NO_DATA' when {share} = 1 then 'TRUE' when {share} = 0 then 'FALSE' else 'PARTLY' end" %}
{% set share = "case when count(share_{m}) = count(*) or (min(share_{m}) < 1 and max(share_{m}) > 0)"
    " then avg(share_{m}) end as share_{m}" %}
with
    newest as (select max(session_date) as session_date from {{ ref("int_calendar") }}),
    judged as (
        select
            claim_id,
            {{ share | replace("{m}", "then") }},
            {{ share | replace("{m}", "now") }},
            cast(count(*) as integer) as parts,
            'SELECT CASE WHEN count(share_true) = count(*) OR (min(share_true) < 1 AND max(share_true) > 0)'
            || ' THEN avg(share_true) END AS share_true FROM ('
            || string_agg(predicate_sql, ' UNION ALL ' order by part_no)
            || ')' as predicate_sql
        from {{ ref("claim_parts") }}
        where role = 'judged'
        group by claim_id
    ),
    said as (
        select
            claim_id,
            {% for m in ["then", "now"] %}
                case
                    when count(*) = 1
                    then max(found_{{ m }})
                    else
                        string_agg(
                            concat(
                                label, ': ', case when role = 'judged' then verdict_{{ m }} || ', ' end, found_{{ m }}
                            ),
                            '; '
                            order by part_no
                        )
                end as found_{{ m }}
                {% if not loop.last %},{% endif %}
            {% endfor %}
        from {{ ref("claim_parts") }}
        group by claim_id
    )
select
    c.claim_id,
    k.session_date,
    c.reported_on,
    c.outlet,
    c.title,
    c.url,
    c.statement,
    c.driver_id,
    c.basis,
    coalesce(p.parts, 0) as parts,
    p.predicate_sql,
    {{ verdict | replace("{until}", "k.session_date") | replace("{share}", "p.share_then") }} as verdict_then,
    coalesce(s.found_then, 'nothing here can judge it') as found_text,
    {{ verdict | replace("{until}", "n.session_date") | replace("{share}", "p.share_now") }} as verdict_now,
    coalesce(s.found_now, 'nothing here can judge it') as found_text_now,
    n.session_date as judged_until,
    c.settles_on,
    k.snapshot_at as known_at
from {{ ref("claims") }} as c
cross join newest as n
asof inner join {{ ref("int_calendar") }} as k on k.session_date <= c.reported_on
left join judged as p on p.claim_id = c.claim_id
left join said as s on s.claim_id = c.claim_id
where c.world = '{{ var("world") }}' and c.reported_on <= n.session_date
order by c.claim_id
