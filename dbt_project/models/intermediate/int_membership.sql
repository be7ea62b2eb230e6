-- Who belonged to which universe, from what was known on each day: [valid_from, valid_to) in sessions.
-- Each version of a fact speaks for the sessions from the first snapshot at or after its known_at until the next
-- version does. So an end date that arrives late ends the membership when it was learnt, never earlier, and an end date
-- still ahead of the newest session is not visible.
with
    universes as (select * from {{ ref("universes") }} where world = '{{ var("world") }}'),
    newest as (select session_date, snapshot_at from {{ ref("int_calendar") }} where is_latest),
    symbols as (select * from {{ ref("instrument_symbols") }} where world = '{{ var("world") }}'),
    claims as (
        select
            'sp500_spells' as dataset,
            s.symbol || ' ' || s.start_date as fact,
            coalesce(y.instrument_id, 'EQ:' || s.symbol) as instrument_id,
            s.is_present,
            s.end_date,
            s.source,
            s.known_at,
            s.version_no
        from {{ ref("stg_sp500_spells") }} as s
        left join symbols as y on y.symbol = s.symbol and {{ holds_at("y", "s.start_date") }}
        union all
        select
            'sp500_constituents',
            k.symbol,
            coalesce(y.instrument_id, 'EQ:' || k.symbol),
            k.is_present,
            null,
            k.source,
            k.known_at,
            k.version_no
        from {{ ref("stg_sp500_constituents") }} as k
        left join symbols as y on y.symbol = k.symbol and y.valid_to is null
    ),
    effective as (
        select q.*, c.session_date as effective_from
        from claims as q
        asof join {{ ref("int_calendar") }} as c on c.snapshot_at >= q.known_at
    ),
    spoken as (
        select *, lead(effective_from) over (partition by dataset, fact order by version_no) as next_effective_from
        from effective
    ),
    spans as (
        select
            s.dataset,
            s.instrument_id,
            s.effective_from as valid_from,
            least(
                coalesce(case when s.end_date <= n.session_date then s.end_date end, date '9999-12-31'),
                coalesce(s.next_effective_from, date '9999-12-31')
            ) as valid_to,
            s.source,
            s.known_at
        from spoken as s
        cross join newest as n
        where s.is_present
    ),
    marked as (
        select
            *,
            valid_from <= max(valid_to) over (
                partition by dataset, instrument_id
                order by valid_from, valid_to
                rows between unbounded preceding and 1 preceding
            ) as continues
        from spans
        where valid_from < valid_to
    ),
    islands as (
        select
            *,
            sum(case when continues then 0 else 1 end) over (
                partition by dataset, instrument_id order by valid_from, valid_to rows unbounded preceding
            ) as island
        from marked
    ),
    merged as (
        select
            dataset,
            instrument_id,
            min(valid_from) as valid_from,
            nullif(max(valid_to), date '9999-12-31') as valid_to,
            min(source) as source,
            min(known_at) as announced_at,
            max(known_at) as known_at
        from islands
        group by dataset, instrument_id, island
    )
select
    u.universe_id,
    m.instrument_id,
    m.valid_from,
    m.valid_to,
    m.announced_at,
    m.source,
    u.is_point_in_time,
    u.is_default,
    greatest(m.known_at, coalesce(e.snapshot_at, m.known_at)) as known_at
from merged as m
inner join universes as u on u.dataset = m.dataset
asof left join {{ ref("int_calendar") }} as e on e.session_date >= m.valid_to
order by u.universe_id, m.instrument_id, m.valid_from
