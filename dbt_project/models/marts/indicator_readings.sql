-- Every reading of every indicator with its five-year percentile and direction. A reading that seeds/indicators.csv
-- does not declare keeps its rows, without unit and direction, so that the gate sees and refuses it. A declared one
-- of which an input was not held yet has a row per session that says NOT_AVAILABLE; one whose inputs are held and
-- that still has no row at all is a fault, and the gate refuses that too. Percentiles compare like with like: a
-- value that was known then never with reconstructed ones, which differ from home to home.
with
    given as (select * from {{ ref("all_readings") }}),
    -- what a reading of a family is made of is its subject and what that is compared with; others list it
    declared as (
        select *, string_split(coalesce(inputs, concat_ws(' ', subject, against)), ' ') as input_ids
        from {{ ref("indicators") }}
    ),
    -- the moment from which all inputs of a reading are held, if ever
    needed as (
        select
            n.reading_id,
            n.indicator_id,
            count(*) as n_inputs,
            max(coalesce(h.held_since, timestamptz '9999-12-31 00:00:00+00')) as held_since
        from (select reading_id, indicator_id, unnest(input_ids) as input_id from declared) as n
        left join {{ ref("int_inputs_held") }} as h on h.input_id = n.input_id
        group by n.reading_id, n.indicator_id
    ),
    silent as (
        select n.reading_id, n.indicator_id, n.n_inputs, c.session_date, c.session_no, c.snapshot_at
        from needed as n
        -- from a fixed day on: a window that moves with the newest session would take back what it said
        inner join
            {{ ref("int_calendar") }} as c on c.session_date >= date '2015-01-02' and c.snapshot_at < n.held_since
        where (n.reading_id, c.session_date) not in (select (reading_id, session_date) from given)
    ),
    readings as (
        select g.*, c.session_no, c.snapshot_at
        from given as g
        inner join {{ ref("int_calendar") }} as c on c.session_date = g.session_date
        union all by name
        select
            reading_id,
            indicator_id,
            'none' as entity_id,
            session_date,
            cast(0 as bigint) as n_used,
            cast(n_inputs as bigint) as n_expected,
            cast(0 as double) as coverage,
            1 as method_version,
            'NOT_AVAILABLE' as status,
            false as is_reconstructed,
            session_no,
            snapshot_at
        from silent
    ),
    ranked as (
        select
            reading_id,
            entity_id,
            session_date,
            count(*) over past as n,
            rank(order by value) over past - 1 as below,
            rank(order by value desc) over past - 1 as above
        from readings
        where status = 'OK' and not {{ few_sessions_made() }}
        window
            past as (
                partition by reading_id, entity_id, coalesce(is_reconstructed, false)
                order by session_no
                range between 1259 preceding and current row
            )
        -- the same counts, for a few sessions by looking at the five years before each of them
        union all
        select
            r.reading_id,
            r.entity_id,
            r.session_date,
            count(*) as n,
            count(*) filter (p.value < r.value) as below,
            count(*) filter (p.value > r.value) as above
        from readings as r
        inner join
            readings as p
            on p.reading_id = r.reading_id
            and p.entity_id = r.entity_id
            and coalesce(p.is_reconstructed, false) = coalesce(r.is_reconstructed, false)
            and p.session_no between r.session_no - 1259 and r.session_no
        where {{ few_sessions_made() }} and r.status = 'OK' and p.status = 'OK' and r.session_date >= {{ first_made() }}
        group by r.reading_id, r.entity_id, r.session_date
    ),
    compared as (
        select
            r.*,
            i.unit,
            i.higher_is,
            case
                i.bullish_op
                when '>'
                then r.value > i.bullish_at
                when '>='
                then r.value >= i.bullish_at
                when '<'
                then r.value < i.bullish_at
                when '<='
                then r.value <= i.bullish_at
            end as is_bullish,
            case
                i.bearish_op
                when '>'
                then r.value > i.bearish_at
                when '>='
                then r.value >= i.bearish_at
                when '<'
                then r.value < i.bearish_at
                when '<='
                then r.value <= i.bearish_at
            end as is_bearish,
            -- a percentile of less than a year of history says little
            case
                when k.n >= 252 then round(100 * (k.below + 0.5 * (k.n - k.below - k.above)) / k.n, 6)
            end as percentile_5y
        from readings as r
        left join {{ ref("indicators") }} as i on i.reading_id = r.reading_id
        left join
            ranked as k on k.reading_id = r.reading_id and k.entity_id = r.entity_id and k.session_date = r.session_date
    )
select
    reading_id,
    entity_id,
    session_date,
    value,
    unit,
    value_text,
    obs_period,
    n_used,
    n_expected,
    coverage,
    percentile_5y,
    case
        when status <> 'OK' or coalesce(higher_is, 'context') = 'context'
        then null
        when is_bullish
        then 'bullish'
        when is_bearish
        then 'bearish'
        else 'neutral'
    end as direction,
    method_version,
    status,
    is_reconstructed,
    -- where no input is known yet, that is what was known at the snapshot
    coalesce(known_at, snapshot_at) as known_at
from compared
