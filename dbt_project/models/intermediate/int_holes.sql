-- Observations that are expected and not there although a later one of the same series is: stocks, funds and indices
-- without a bar on a session, yields on a bond day, statistics of a period (but for those never published), candles
-- of a UTC day. A hole is open from the moment a later observation was known until its own was. The last 800 days: a
-- session of source_health looks back a year.
with
    since as (select session_date - 800 as day from {{ ref("int_calendar") }} where is_latest),
    held as (
        select 'yahoo_bars' as dataset, instrument_id as series, session_date as day, known_at, 'session' as kind
        from {{ ref("int_prices") }}
        where asset_class in ('index', 'etf', 'stock') and session_date >= (select day from since)
        union all
        select
            'fred_observations',
            f.series_id,
            f.observation_date,
            f.known_at,
            case
                when s.release_id is null
                then 'bond_day'
                else
                    case
                        s.frequency when 'W' then 'week' when 'WF' then 'friday' when 'Q' then 'quarter' else 'month'
                    end
            end
        from {{ ref("stg_fred_observations") }} as f
        inner join {{ ref("series") }} as s on s.series_id = f.series_id
        where f.version_no = 1 and f.observation_date >= (select day from since)
        {% for dataset, series, day, kind, wanted in datasets_with_a_grid() %}
            union all
            select '{{ dataset }}', {{ series }}, {{ day }}, known_at, '{{ kind }}'
            from {{ ref("stg_" ~ dataset) }}
            where {{ wanted }} and {{ day }} >= (select day from since)
        {% endfor %}
    ),
    expected as (
        select session_date as day, 'session' as kind
        from {{ ref("int_calendar") }}
        union all
        select session_date, 'bond_day'
        from {{ ref("int_calendar") }}
        where is_bond_day
        union all
        select
            date,
            unnest(
                list_filter(
                    [
                        'day',
                        case isodow(date) when 6 then 'week' when 5 then 'friday' end,
                        case when day(date) = 1 then 'month' end,
                        case when day(date) = 1 and month(date) % 3 = 1 then 'quarter' end
                    ],
                    lambda x:x is not null
                )
            )
        from {{ ref("calendar") }}
    ),
    numbered as (
        select day, kind, row_number() over (partition by kind order by day) as n
        from expected
        where day >= (select day from since)
    ),
    placed as (
        -- a day that is not expected (a figure of a bond holiday) takes no place
        select h.dataset, h.series, h.day, h.kind, n.n, min(h.known_at) as known_at
        from held as h
        inner join numbered as n on n.kind = h.kind and n.day = h.day
        group by h.dataset, h.series, h.day, h.kind, n.n
    ),
    ordered as (
        select
            *,
            lead(n) over own as n_after,
            min(known_at) over (
                partition by dataset, series order by n rows between 1 following and unbounded following
            ) as later_known_at
        from placed
        window own as (partition by dataset, series order by n)
    ),
    never_published as (
        select s.series_id, r.obs_period
        from {{ ref("release_dates") }} as r
        inner join {{ ref("series") }} as s on s.release_id = r.release_id
        where r.world = '{{ var("world") }}' and r.release_date is null
    )
select o.dataset, o.series, e.day as expected, o.later_known_at as opened_at, cast(null as timestamptz) as filled_at
from ordered as o
inner join numbered as e on e.kind = o.kind and e.n > o.n and e.n < o.n_after
where
    o.n_after > o.n + 1
    and not exists (select 1 from never_published as p where p.series_id = o.series and p.obs_period = e.day)
union all
select dataset, series, day, later_known_at, known_at
from ordered
where
    later_known_at < known_at
    -- bars are held in their newest version only, whose moment may be that of a correction
    and dataset not in ('{{ datasets_of_newest() | join("', '") }}')
order by dataset, series, expected
