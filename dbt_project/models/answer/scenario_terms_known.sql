{{ config(materialized="table") }}
-- What each term of each scenario says, per session: the reading (or its change, its distance from another, or from
-- its own five-year mean) against a threshold of seeds/scenario_terms.csv. A figure nobody knew at the time counts as
-- not known. Sessions begin where every declared reading has a row (indicator_readings).
with
    sessions as (
        select session_date, session_no, snapshot_at
        from {{ ref("int_calendar") }}
        where session_date >= date '2015-01-02'
    ),
    readings as (
        select
            r.reading_id,
            c.session_no,
            case when r.status = 'OK' and not r.is_reconstructed then r.value end as value,
            case when r.status = 'OK' and r.is_reconstructed then 'NOT_PUBLISHED' else r.status end as status,
            r.known_at
        from {{ ref("all_readings") }} as r
        inner join {{ ref("int_calendar") }} as c on c.session_date = r.session_date
        where
            r.reading_id in (
                select reading_id
                from {{ ref("scenario_terms") }}
                union
                select against
                from {{ ref("scenario_terms") }}
            )
    ),
    means as (
        -- decimals, so that the mean has the same bits in any order
        select
            reading_id,
            session_no,
            cast(sum(cast(value as decimal(28, 9))) over past as double) / count(value) over past as mean,
            count(value) over past as n
        from readings
        where reading_id in (select reading_id from {{ ref("scenario_terms") }} where measure = 'less_mean')
        window past as (partition by reading_id order by session_no range between 1259 preceding and current row)
    ),
    measured as (
        select
            t.scenario_id,
            t.term_no,
            s.session_date,
            s.session_no,
            t.label,
            t.reading_id,
            t.op,
            t.threshold,
            case
                t.measure
                when 'value'
                then n.value
                when 'change'
                then n.value - b.value
                when 'less'
                then n.value - a.value
                when 'less_mean'
                then case when m.n >= 252 then n.value - m.mean end
            end as value,
            case
                when n.reading_id is null
                then 'NOT_AVAILABLE'
                when n.status <> 'OK'
                then n.status
                when t.measure = 'less'
                then coalesce(a.status, 'NOT_AVAILABLE')
                else 'WARMUP'
            end as why_not,
            case when n.value is not null then greatest(n.known_at, a.known_at) else s.snapshot_at end as known_at
        from {{ ref("scenario_terms") }} as t
        cross join sessions as s
        left join readings as n on n.reading_id = t.reading_id and n.session_no = s.session_no
        left join readings as b on b.reading_id = t.reading_id and b.session_no = s.session_no - t.span
        left join readings as a on a.reading_id = t.against and a.session_no = s.session_no
        left join means as m on t.measure = 'less_mean' and m.reading_id = t.reading_id and m.session_no = s.session_no
    )
select
    scenario_id,
    cast(term_no as integer) as term_no,
    session_date,
    session_no,
    label,
    reading_id,
    {{ one_zero("round(value, 9)") }} as value,
    op,
    threshold,
    case
        op
        when '>'
        then round(value, 9) > threshold
        when '>='
        then round(value, 9) >= threshold
        when '<'
        then round(value, 9) < threshold
        when '<='
        then round(value, 9) <= threshold
    end as is_met,
    case when value is not null then 'OK' else why_not end as status,
    known_at
from measured
order by scenario_id, term_no, session_no
