-- GU06: of the geopolitical shocks after which the headline index closed lower within five sessions, the share that was
-- made good: after its lowest close it reached the close before the shock again, within 5 and within 20 sessions of it.
-- A shock counts when that time is over and it was seen.
{% set least = 5 %}
with
    closes as (
        select instrument_id, session_no, close from {{ ref("int_bars") }} where is_headline and is_traded and close > 0
    ),
    followed as (
        select s.event_no, s.seen_no, s.is_reconstructed, c.session_no, c.close, b.close as close_before
        from {{ ref("int_news_shocks") }} as s
        inner join closes as b on b.session_no = s.event_no - 1
        inner join closes as c on c.session_no between s.event_no and s.event_no + 20
        where s.index_id = 'gpr'
    ),
    falls as (
        select event_no, seen_no, is_reconstructed, close_before, arg_min(session_no, (close, session_no)) as low_no
        from followed
        where session_no <= event_no + 4
        group by event_no, seen_no, is_reconstructed, close_before
        having min(close) < close_before
    ),
    outcomes as (
        select
            h.within,
            f.event_no,
            f.is_reconstructed,
            greatest(f.event_no + h.within, f.seen_no) as told_no,
            coalesce(bool_or(a.close >= f.close_before), false) as is_made_good
        from falls as f
        cross join (values (5), (20)) as h(within)
        left join
            followed as a
            on a.event_no = f.event_no
            and a.session_no > f.low_no
            and a.session_no <= f.event_no + h.within
        group by h.within,
            f.event_no,
            f.seen_no,
            f.is_reconstructed
    ),
    so_far as (
        select
            c.session_date,
            c.snapshot_at,
            h.within,
            count(o.event_no) as n,
            count(*) filter (where o.is_made_good) as good,
            coalesce(bool_or(o.is_reconstructed), false) as is_reconstructed
        from {{ ref("int_calendar") }} as c
        cross join (values (5), (20)) as h(within)
        left join outcomes as o on o.told_no <= c.session_no and o.within = h.within
        where c.session_date >= date '2015-01-02'
        group by c.session_date, c.snapshot_at, h.within
    ),
    readings as (
        select
            'GU06_' || s.within as reading_id,
            i.instrument_id as entity_id,
            s.session_date,
            s.session_date as obs_period,
            100.0 * s.good / nullif(s.n, 0) as value,
            case when s.n < {{ least }} then 'LOW_COVERAGE' else 'OK' end as status,
            s.n as n_used,
            {{ least }} as n_expected,
            s.snapshot_at as known_at,
            s.is_reconstructed
        from so_far as s
        cross join (select distinct instrument_id from closes) as i
    )
    {{ readings("readings", "GU06", reconstructed="is_reconstructed") }}
