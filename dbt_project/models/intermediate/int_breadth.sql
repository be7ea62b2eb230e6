-- Market breadth per universe and sector: counts, their running lines, shares above averages, new highs and lows.
-- A block of columns is withheld (NULL) unless its status is OK. Without any known membership the last 252 sessions say
-- NOT_AVAILABLE instead of saying nothing.
with
    universes as (select * from {{ ref("universes") }} where world = '{{ var("world") }}'),
    judged as (
        select
            b.*,
            u.is_point_in_time,
            u.is_default,
            b.advancers + b.decliners + b.unchanged as traded,
            b.session_no
            - min(b.session_no) over (partition by b.universe_id, b.segment_type, b.segment_id)
            + 1 as sessions_held,
            b.segment_type = 'sector' and b.members < u.min_sector_members as is_too_small,
            u.coverage_floor,
            u.history_coverage_floor,
            least(b.with_sma20, b.with_sma50, b.with_sma100, b.with_sma200) as with_sma
        from {{ ref("int_breadth_counts") }} as b
        inner join universes as u on u.universe_id = b.universe_id
    ),
    statuses as (
        select
            *,
            case
                when sessions_held < 2
                then 'WARMUP'
                when is_too_small or traded < coverage_floor * members
                then 'LOW_COVERAGE'
                when advancers + decliners = 0
                then 'UNDEFINED'
                else 'OK'
            end as status_counts,
            case
                when sessions_held < 200
                then 'WARMUP'
                when is_too_small or with_sma = 0 or with_sma < history_coverage_floor * members
                then 'LOW_COVERAGE'
                else 'OK'
            end as status_sma,
            case
                when sessions_held < 253
                then 'WARMUP'
                when is_too_small or with_52w = 0 or with_52w < history_coverage_floor * members
                then 'LOW_COVERAGE'
                else 'OK'
            end as status_52w
        from judged
    ),
    withheld as (
        select
            *,
            case
                when status_counts = 'OK'
                then cast(round(1000.0 * (advancers - decliners) / (advancers + decliners), 6) as decimal(18, 6))
            end as rana_exact,
            case when status_counts = 'OK' then advancers - decliners end as net_advances
        from statuses
    ),
    lines as (
        select
            *,
            sum(net_advances) over line as ad_line_exact,
            sum(rana_exact) over line as rana_line_exact,
            min(case when status_counts = 'OK' then session_date end) over line as line_base_date
        from withheld
        window
            line as (partition by universe_id, segment_type, segment_id order by session_date rows unbounded preceding)
    )
select
    universe_id,
    segment_type,
    segment_id,
    session_date,
    cast(members as integer) as members,
    {% for column in ["advancers", "decliners", "unchanged"] %}
        case when status_counts = 'OK' then cast({{ column }} as integer) end as {{ column }},
    {% endfor %}
    case when status_counts = 'OK' then cast(members - traded as integer) end as untraded,
    case when status_counts = 'OK' then cast(ad_line_exact as bigint) end as ad_line,
    cast(rana_exact as double) as rana,
    case when status_counts = 'OK' then cast(rana_line_exact as double) end as rana_line,
    case when status_counts = 'OK' then line_base_date end as line_base_date,
    {% for column in ["up_volume", "down_volume"] %}
        case when status_counts = 'OK' then cast({{ column }} as bigint) end as {{ column }},
    {% endfor %}
    {% for n in [20, 50, 100, 200] %}
        case
            when status_sma = 'OK' then round(100.0 * above_sma{{ n }} / with_sma{{ n }}, 6)
        end as pct_above_sma{{ n }},
    {% endfor %}
    {% for column in ["new_highs_52w", "new_lows_52w", "new_highs_52w_close", "new_lows_52w_close"] %}
        case when status_52w = 'OK' then cast({{ column }} as integer) end as {{ column }},
    {% endfor %}
    with_sma as n_with_sma,
    with_52w as n_with_52w,
    round(traded / cast(members as double), 6) as coverage,
    is_point_in_time,
    is_default,
    status_counts,
    status_sma,
    status_52w,
    known_at
from lines
union all by name
select
    u.universe_id,
    'universe' as segment_type,
    u.universe_id as segment_id,
    c.session_date,
    u.is_point_in_time,
    u.is_default,
    'NOT_AVAILABLE' as status_counts,
    'NOT_AVAILABLE' as status_sma,
    'NOT_AVAILABLE' as status_52w,
    c.snapshot_at as known_at
from universes as u
cross join (select * from {{ ref("int_calendar") }} order by session_date desc limit 252) as c
where not exists (select 1 from {{ ref("int_breadth_counts") }} as b where b.universe_id = u.universe_id)
order by session_date, universe_id, segment_type, segment_id
