-- Market breadth per universe, sector and size: counts, running lines, volume, shares above averages, highs and
-- lows. A block of columns is withheld (NULL) unless its status is OK. What is known of some members bounds the
-- share of all (BR19), so bounds are told whatever the coverage: all who are not seen might stand above, or none.
-- Without any known membership every session since 2015 says NOT_AVAILABLE instead of saying nothing.
with
    universes as (select * from {{ ref("universes") }} where world = '{{ var("world") }}'),
    judged as (
        select
            b.*,
            u.is_point_in_time,
            u.is_default,
            b.advancers + b.decliners + b.unchanged as traded,
            b.session_no - min(b.session_no) over (partition by b.universe_id) + 1 as sessions_held,
            -- a segment of few, or one of segments that together miss members whose sector or size nobody knows
            -- (those are the ones that left: what is known alone would be the survivors)
            b.segment_type <> 'universe'
            and (
                b.members < u.min_sector_members
                or sum(b.members) over (partition by b.universe_id, b.segment_type, b.session_date)
                < u.coverage_floor * max(b.members) over (partition by b.universe_id, b.session_date)
            ) as is_too_small,
            u.coverage_floor,
            u.history_coverage_floor,
            least(b.with_sma20, b.with_sma50, b.with_sma100, b.with_sma200) as with_sma,
            -- members of whom nobody knows to which sector or size they belong: each may belong here
            case
                when b.segment_type = 'universe'
                then 0
                else
                    max(b.members) over (partition by b.universe_id, b.session_date)
                    - sum(b.members) over (partition by b.universe_id, b.segment_type, b.session_date)
            end as unplaced
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
            case when status_counts = 'OK' then advancers - decliners end as net_advances,
            case
                when status_counts <> 'OK' then status_counts when decliners = 0 then 'UNDEFINED' else 'OK'
            end as status_ad_ratio,
            case
                when status_counts <> 'OK'
                then status_counts
                when up_volume + down_volume = 0
                then 'UNDEFINED'
                else 'OK'
            end as status_volume,
            case
                when status_counts <> 'OK'
                then status_counts
                when decliners = 0 or up_volume = 0 or down_volume = 0
                then 'UNDEFINED'
                else 'OK'
            end as status_trin,
            case
                when status_52w <> 'OK' then status_52w when new_highs_52w + new_lows_52w = 0 then 'UNDEFINED' else 'OK'
            end as status_record_highs,
            case when status_52w = 'OK' then new_highs_52w - new_lows_52w end as nh_nl_net,
            case when members + unplaced = unchanged then 'UNDEFINED' else 'OK' end as status_share_bounds
        from statuses
    ),
    lines as (
        select
            *,
            sum(net_advances) over line as ad_line_exact,
            sum(rana_exact) over line as rana_line_exact,
            min(case when status_counts = 'OK' then session_date end) over line as line_base_date,
            case
                when status_52w <> 'OK' then status_52w when count(nh_nl_net) over ten < 10 then 'WARMUP' else 'OK'
            end as status_nh_nl_10d,
            sum(nh_nl_net) over ten as nh_nl_net_ten
        from withheld
        window
            line as (partition by universe_id, segment_type, segment_id order by session_date rows unbounded preceding),
            ten as (
                partition by universe_id, segment_type, segment_id
                order by session_date
                rows between 9 preceding and current row
            )
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
    cast(net_advances as integer) as net_advances,
    case when status_ad_ratio = 'OK' then round(advancers / cast(decliners as double), 6) end as ad_ratio,
    case
        when status_counts = 'OK' then round(advancers / cast(advancers + decliners as double), 6)
    end as advance_share,
    case when status_counts = 'OK' then cast(ad_line_exact as bigint) end as ad_line,
    cast(rana_exact as double) as rana,
    case when status_counts = 'OK' then cast(rana_line_exact as double) end as rana_line,
    case when status_counts = 'OK' then line_base_date end as line_base_date,
    {% for column in ["up_volume", "down_volume"] %}
        case when status_counts = 'OK' then cast({{ column }} as bigint) end as {{ column }},
    {% endfor %}
    case
        when status_volume = 'OK' then round(up_volume / cast(up_volume + down_volume as double), 6)
    end as up_volume_share,
    case when status_volume = 'OK' then 10 * up_volume >= 9 * (up_volume + down_volume) end as is_90pct_up_day,
    case when status_volume = 'OK' then 10 * up_volume <= up_volume + down_volume end as is_90pct_down_day,
    case
        when status_trin = 'OK'
        then round(cast(advancers as double) * down_volume / (cast(decliners as double) * up_volume), 6)
    end as trin,
    {% for n in [20, 50, 100, 200] %}
        case
            when status_sma = 'OK' then round(100.0 * above_sma{{ n }} / with_sma{{ n }}, 6)
        end as pct_above_sma{{ n }},
    {% endfor %}
    {% for column in ["new_highs_52w", "new_lows_52w", "new_highs_52w_close", "new_lows_52w_close"] %}
        case when status_52w = 'OK' then cast({{ column }} as integer) end as {{ column }},
    {% endfor %}
    cast(nh_nl_net as integer) as nh_nl_net,
    round(100.0 * nh_nl_net / with_52w, 6) as nh_nl_pct,
    case
        when status_record_highs = 'OK' then round(100.0 * new_highs_52w / (new_highs_52w + new_lows_52w), 6)
    end as record_high_pct,
    case when status_nh_nl_10d = 'OK' then cast(nh_nl_net_ten as double) / 10 end as nh_nl_net_10d,
    {% for n in [20, 50, 100, 200] %}
        round(100.0 * above_sma{{ n }} / (members + unplaced), 6) as pct_above_sma{{ n }}_low,
        round(
            100.0 * (above_sma{{ n }} + members + unplaced - with_sma{{ n }}) / (members + unplaced), 6
        ) as pct_above_sma{{ n }}_high,
    {% endfor %}
    -- the unchanged stand in no share, the unknown could stand on either side
    case
        when status_share_bounds = 'OK' then round(advancers / cast(members + unplaced - unchanged as double), 6)
    end as advance_share_low,
    case
        when status_share_bounds = 'OK'
        then round((members + unplaced - unchanged - decliners) / cast(members + unplaced - unchanged as double), 6)
    end as advance_share_high,
    {% for column in ["new_highs_52w", "new_lows_52w"] %}
        cast({{ column }} as integer) as {{ column }}_low,
        cast({{ column }} + members + unplaced - with_52w as integer) as {{ column }}_high,
    {% endfor %}
    with_sma as n_with_sma,
    with_sma50 as n_with_sma50,
    with_sma200 as n_with_sma200,
    with_52w as n_with_52w,
    traded as n_traded,
    round(traded / cast(members as double), 6) as coverage,
    is_point_in_time,
    is_default,
    status_counts,
    status_ad_ratio,
    status_volume,
    status_trin,
    status_sma,
    status_52w,
    status_record_highs,
    status_nh_nl_10d,
    'OK' as status_bounds,
    status_share_bounds,
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
    'NOT_AVAILABLE' as status_ad_ratio,
    'NOT_AVAILABLE' as status_volume,
    'NOT_AVAILABLE' as status_trin,
    'NOT_AVAILABLE' as status_sma,
    'NOT_AVAILABLE' as status_52w,
    'NOT_AVAILABLE' as status_record_highs,
    'NOT_AVAILABLE' as status_nh_nl_10d,
    'NOT_AVAILABLE' as status_bounds,
    'NOT_AVAILABLE' as status_share_bounds,
    c.snapshot_at as known_at
from universes as u
-- from a fixed day on: a window that moves with the newest session would take back what it said
inner join {{ ref("int_calendar") }} as c on c.session_date >= date '2015-01-02'
where not exists (select 1 from {{ ref("int_breadth_counts") }} as b where b.universe_id = u.universe_id)
order by session_date, universe_id, segment_type, segment_id
