-- One score per driver and session: weighted mean of its readings' directions (+1, 0, -1). A driver with less than
-- half of its weight abstains; one without any scored reading is NOT_AVAILABLE. All thirteen drivers always have a
-- row. A reading made of figures nobody knew at the time (is_reconstructed) does not count. Both sides of the
-- coverage count a reading once: the seed's weight here, shares of it per entity in the evidence.
with
    sessions as (
        select c.session_date, c.snapshot_at
        from {{ ref("int_calendar") }} as c
        where c.session_date >= (select min(session_date) from {{ ref("indicator_readings") }})
    ),
    expected as (
        select driver_id, sum(weight) as weight from {{ ref("indicators") }} where weight > 0 group by driver_id
    ),
    scored as (
        select
            driver_id,
            session_date,
            count(*) as readings,
            -- sums of decimals, so exact in any order; shares of a weight are kept to nine decimals
            cast(
                sum(
                    cast(weight as decimal(18, 9))
                    * case direction when 'bullish' then 1 when 'bearish' then -1 else 0 end
                ) as double
            ) as points,
            cast(sum(cast(weight as decimal(18, 9))) as double) as weight
        from {{ ref("driver_evidence") }}
        where weight > 0 and status = 'OK' and not coalesce(is_reconstructed, false)
        group by driver_id, session_date
    ),
    -- a reading without a row that session, as before its first day, is missing too
    uncounted as (
        select
            i.driver_id,
            s.session_date,
            i.reading_id,
            case
                when count(e.reading_id) = 0
                then 'NOT_AVAILABLE'
                when bool_or(e.status = 'OK')
                then 'RECONSTRUCTED'
                else min(e.status)
            end as status
        from {{ ref("indicators") }} as i
        cross join sessions as s
        left join {{ ref("driver_evidence") }} as e on e.reading_id = i.reading_id and e.session_date = s.session_date
        where i.weight > 0
        group by i.driver_id, s.session_date, i.reading_id
        having not coalesce(bool_or(e.status = 'OK' and not coalesce(e.is_reconstructed, false)), false)
    ),
    absent as (
        select driver_id, session_date, string_agg(reading_id || ' ' || status, ', ' order by reading_id) as missing
        from uncounted
        group by driver_id, session_date
    ),
    joined as (
        select
            d.driver_id,
            s.session_date,
            s.snapshot_at,
            coalesce(n.readings, 0) as readings,
            n.points / n.weight as score,
            coalesce(n.weight, 0) / e.weight as coverage,
            a.missing,
            case
                when e.weight is null
                then 'NOT_AVAILABLE'
                when coalesce(n.weight, 0) < 0.5 * e.weight
                then 'LOW_COVERAGE'
                else 'OK'
            end as status
        from {{ ref("drivers") }} as d
        cross join sessions as s
        left join expected as e on e.driver_id = d.driver_id
        left join scored as n on n.driver_id = d.driver_id and n.session_date = s.session_date
        left join absent as a on a.driver_id = d.driver_id and a.session_date = s.session_date
    )
select
    driver_id,
    session_date,
    case when status = 'OK' then round(score, 6) end as score,
    case
        when status <> 'OK'
        then null
        when score >= 0.25
        then 'bullish'
        when score <= -0.25
        then 'bearish'
        else 'neutral'
    end as direction,
    round(coalesce(coverage, 0), 6) as coverage,
    readings,
    missing,
    status,
    snapshot_at as known_at
from joined
order by session_date, driver_id
