-- What the sub-tests of durability ask, one row per measure and session since 2015: a reading as it was known, or
-- a measure made here of such readings (changes over a window, distances from an own mean, what is since the
-- trough). Of breadth the worst and the best case are told beside the value (BR19), of all else both are the
-- value. A value nobody knew at the time counts as not available.
with
    sessions as (
        -- from a fixed day on: a window that moves with the newest session would take back what it said
        select session_date, session_no, snapshot_at
        from {{ ref("int_calendar") }}
        where session_date >= date '2015-01-02'
    ),
    wanted as (select distinct measure from {{ ref("durability_thresholds") }}),
    known as (
        select
            r.reading_id,
            c.session_date,
            c.session_no,
            case when not r.is_reconstructed then r.value end as value,
            case when r.status = 'OK' and r.is_reconstructed then 'NOT_AVAILABLE' else r.status end as status,
            r.is_reconstructed,
            r.known_at
        from {{ ref("all_readings") }} as r
        inner join {{ ref("int_calendar") }} as c on c.session_date = r.session_date
        where
            r.reading_id in (select measure from wanted)
            or r.reading_id in ('EA02_beat', 'EA06', 'BR19_50_low', 'BR19_50_high', 'BR19_200_low', 'BR19_200_high')
    ),
    direct as (select * from known where reading_id in (select measure from wanted)),
    -- distance from the mean of the five years before; less than a year of them says little
    gaps as (
        select
            case reading_id when 'EA02_beat' then 'EA02_gap' else 'EA06_gap' end as measure,
            session_date,
            value - cast(sum(cast(value as decimal(18, 9))) over past as double) / count(value) over past as value,
            case when status = 'OK' and count(value) over past < 252 then 'WARMUP' else status end as status,
            is_reconstructed,
            known_at
        from known
        where reading_id in ('EA02_beat', 'EA06')
        window past as (partition by reading_id order by session_no range between 1260 preceding and 1 preceding)
    ),
    yields as (
        select
            n.session_date,
            n.released_at as known_at,
            round(100 * (n.value - b.value), 6) as value,
            case when n.status <> 'OK' then n.status when b.status is null then 'WARMUP' else b.status end as status
        from {{ ref("int_series_as_known") }} as n
        left join
            {{ ref("int_series_as_known") }} as b on b.series_id = n.series_id and b.session_no = n.session_no - 60
        where n.series_id = 'DGS2'
    ),
    -- the open rally of the headline index by the canonical rule, and where it began
    rallies as (
        select s.session_date, c.session_no, t.session_no as trough_no
        from {{ ref("int_rally_states") }} as s
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = s.index_id and i.role = 'headline'
        inner join {{ ref("rally_rules") }} as r on r.rule = s.rule and r.is_default
        inner join {{ ref("int_calendar") }} as c on c.session_date = s.session_date
        inner join {{ ref("int_calendar") }} as t on t.session_date = s.low_date
        where s.state = 'RALLY'
    ),
    -- equal weight and the broad fund, chained day by day; sums of decimals, so exact in any order
    chained as (
        select
            c.session_no,
            sum(cast(case when is_told then ln(1 + equal_return) end as decimal(28, 18))) over past as equal_so_far,
            sum(cast(case when is_told then ln(1 + fund_return) end as decimal(28, 18))) over past as fund_so_far,
            count(case when is_told then 1 end) over past as days_so_far,
            known_at
        from
            (
                select
                    e.session_date,
                    e.total_return as equal_return,
                    b.total_return as fund_return,
                    coalesce(e.status = 'OK' and b.status = 'OK', false) as is_told,
                    greatest(e.known_at, b.known_at) as known_at
                from {{ ref("int_equal_weight") }} as e
                left join
                    {{ ref("int_fund_returns") }} as b
                    on b.session_date = e.session_date
                    and b.span = e.span
                    and b.role = 'broad_etf'
                where e.segment_type = 'universe' and e.span = 1
            ) as d
        inner join {{ ref("int_calendar") }} as c on c.session_date = d.session_date
        window past as (order by c.session_no rows unbounded preceding)
    ),
    behind as (
        select
            s.session_date,
            n.known_at,
            100 * (
                exp(cast(n.equal_so_far - f.equal_so_far as double))
                - exp(cast(n.fund_so_far - f.fund_so_far as double))
            ) as value,
            case
                when r.trough_no is null
                then 'UNDEFINED'
                when n.days_so_far - f.days_so_far = s.session_no - r.trough_no
                then 'OK'
                else 'LOW_COVERAGE'
            end as status
        from sessions as s
        left join rallies as r on r.session_date = s.session_date
        left join chained as n on n.session_no = s.session_no
        left join chained as f on f.session_no = r.trough_no
    ),
    concentrated as (select *, {{ share_statuses(["trough"]) }} from {{ ref("int_concentration") }}),
    made as (
        select *
        from gaps
        union all by name
        select 'DGS2_d60' as measure, *
        from yields
        union all by name
        select 'BR13_trough' as measure, *
        from behind
        union all by name
        select
            'LC08_excess_trough' as measure,
            session_date,
            share_by_size_trough - cast(weight_by_size_trough as double) as value,
            status_share_trough as status,
            known_at
        from concentrated
        union all by name
        select
            'BR07_200_d20' as measure,
            n.session_date,
            n.value - b.value as value,
            case when n.status <> 'OK' then n.status else coalesce(b.status, 'WARMUP') end as status,
            n.known_at
        from known as n
        left join known as b on b.reading_id = n.reading_id and b.session_no = n.session_no - 20
        where n.reading_id = 'BR07_200'
    ),
    bounds as (
        select 'BR07_50' as measure, l.session_date, l.value as low, h.value as high
        from known as l
        inner join known as h on h.session_no = l.session_no and h.reading_id = 'BR19_50_high'
        where l.reading_id = 'BR19_50_low'
        union all
        select 'BR07_200' as measure, l.session_date, l.value as low, h.value as high
        from known as l
        inner join known as h on h.session_no = l.session_no and h.reading_id = 'BR19_200_high'
        where l.reading_id = 'BR19_200_low'
        union all
        select 'BR07_200_d20' as measure, l.session_date, l.value - hb.value as low, h.value - lb.value as high
        from known as l
        inner join known as h on h.session_no = l.session_no and h.reading_id = 'BR19_200_high'
        inner join known as lb on lb.session_no = l.session_no - 20 and lb.reading_id = 'BR19_200_low'
        inner join known as hb on hb.session_no = l.session_no - 20 and hb.reading_id = 'BR19_200_high'
        where l.reading_id = 'BR19_200_low'
        union all
        select
            'BR09_net_10d' as measure,
            session_date,
            case
                when count(new_highs_52w_low) over ten = 10
                then cast(sum(new_highs_52w_low - new_lows_52w_high) over ten as double) / 10
            end as low,
            case
                when count(new_highs_52w_low) over ten = 10
                then cast(sum(new_highs_52w_high - new_lows_52w_low) over ten as double) / 10
            end as high
        from {{ ref("int_breadth") }}
        where is_default and segment_type = 'universe'
        window ten as (order by session_date rows between 9 preceding and current row)
    ),
    told as (
        select reading_id as measure, session_date, value, status, is_reconstructed, known_at
        from direct
        union all by name
        select *
        from made
    )
select
    w.measure,
    s.session_date,
    case when coalesce(t.status, 'NOT_AVAILABLE') = 'OK' then round(t.value, 9) end as value,
    round(coalesce(b.low, case when t.status = 'OK' then t.value end), 9) as low,
    round(coalesce(b.high, case when t.status = 'OK' then t.value end), 9) as high,
    coalesce(t.status, 'NOT_AVAILABLE') as status,
    coalesce(t.is_reconstructed, false) as is_reconstructed,
    greatest(coalesce(t.known_at, s.snapshot_at), s.snapshot_at) as known_at
from sessions as s
cross join wanted as w
left join told as t on t.measure = w.measure and t.session_date = s.session_date
left join bounds as b on b.measure = w.measure and b.session_date = s.session_date
order by s.session_date, w.measure
