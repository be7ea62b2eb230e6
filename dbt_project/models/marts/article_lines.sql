-- The source article line by line, in our own words, with what is known today of each: how its readings point, and the
-- verdicts of its claims. Blank lines are not told; headings and promotion are, and rest on nothing.
with
    newest as (select session_date, snapshot_at from {{ ref("int_calendar") }} where is_latest),
    linked as (
        select
            line_no,
            cast(count(*) as integer) as links,
            cast(count(*) filter (where target_kind = 'reading') as integer) as readings,
            cast(count(*) filter (where target_kind = 'reading' and status = 'OK') as integer) as readings_known,
            cast(count(*) filter (where direction = 'bullish') as integer) as up,
            cast(count(*) filter (where direction = 'bearish') as integer) as down,
            cast(count(*) filter (where target_kind = 'claim') as integer) as claims,
            cast(count(verdict) as integer) as claims_judged,
            string_agg(target_id, ' ' order by link_no) filter (where target_kind = 'reading') as reading_ids,
            string_agg(target_id, ' ' order by link_no) filter (where target_kind = 'claim') as claim_ids,
            string_agg(
                concat(label, ' ', coalesce(value_text, format('{:.6g}', value) || ' ' || unit, status)),
                '; '
                order by link_no
            ) filter (where target_kind = 'reading') as said,
            string_agg(concat(target_id, ' ', verdict), ', ' order by link_no) filter (
                where verdict is not null
            ) as verdicts,
            max(known_at) as known_at
        from {{ ref("article_links") }}
        group by line_no
    )
select
    a.line_no,
    n.session_date,
    a.kind,
    a.paraphrase,
    coalesce(l.links, 0) as links,
    l.reading_ids,
    l.claim_ids,
    coalesce(l.readings, 0) as readings,
    coalesce(l.readings_known, 0) as readings_known,
    coalesce(l.up, 0) as readings_up,
    coalesce(l.down, 0) as readings_down,
    l.said as reading_today,
    case
        when l.verdicts is not null
        then l.verdicts
        when l.claims > 0 and l.readings = 0
        then 'NO_DATA'
        when l.readings > 0 and l.readings_known = 0
        then 'NO_DATA'
        when l.up > 0 and l.down > 0
        then 'mixed'
        when l.up > 0
        then 'points up'
        when l.down > 0
        then 'points down'
        when l.readings > 0
        then 'no direction'
        when l.links > 0
        then 'see the tables'
        else 'not judged'
    end as verdict,
    coalesce(l.known_at, n.snapshot_at) as known_at
from {{ ref("article") }} as a
cross join newest as n
left join linked as l on l.line_no = a.line_no
where a.kind <> 'blank'
order by a.line_no
