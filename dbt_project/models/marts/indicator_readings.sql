-- Every reading of every indicator with its five-year percentile and direction.
with
    readings as (
        select r.*, c.session_no, c.snapshot_at
        from {{ ref("all_readings") }} as r
        inner join {{ ref("int_calendar") }} as c on c.session_date = r.session_date
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
        where status = 'OK'
        window
            past as (partition by reading_id, entity_id order by session_no rows between 1259 preceding and current row)
    ),
    compared as (
        select
            r.*,
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
        inner join {{ ref("indicators") }} as i on i.reading_id = r.reading_id
        left join
            ranked as k on k.reading_id = r.reading_id and k.entity_id = r.entity_id and k.session_date = r.session_date
    )
select
    reading_id,
    entity_id,
    session_date,
    value,
    cast(null as varchar) as value_text,
    obs_period,
    n_used,
    n_expected,
    coverage,
    percentile_5y,
    case
        when status <> 'OK' or higher_is = 'context'
        then null
        when is_bullish
        then 'bullish'
        when is_bearish
        then 'bearish'
        else 'neutral'
    end as direction,
    method_version,
    status,
    snapshot_at as known_at
from compared
