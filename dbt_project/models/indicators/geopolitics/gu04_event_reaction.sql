-- GU04: what followed earlier geopolitical shocks: the mean move of an asset from the close before the shock to that
-- of its session, and one and five sessions later, less the mean of all windows of that length so far. A window
-- counts when it is over and the shock was seen.
{% set least = 5 %}
with
    closes as (
        select instrument_id, session_no, close
        from {{ ref("int_bars") }}
        where (is_headline or instrument_id in ('FU:CL', 'FU:GC')) and is_traded and close > 0
        union all
        select instrument_id, session_no, close
        from {{ ref("int_volatility_closes") }}
        where symbol = 'VIX'
    ),
    ends as (
        -- unnested: joined to a list, this would be planned as every pair of sessions
        select instrument_id, session_no, close, unnest([0, 1, 5]) as ahead from closes
    ),
    windows as (
        select
            n.instrument_id,
            n.ahead,
            n.session_no - n.ahead as event_no,
            n.session_no as end_no,
            cast(100 * ln(n.close / b.close) as decimal(18, 10)) as move
        from ends as n
        inner join closes as b on b.instrument_id = n.instrument_id and b.session_no = n.session_no - n.ahead - 1
    ),
    told as (
        select
            instrument_id,
            ahead,
            end_no as session_no,
            1 as n_all,
            move as sum_all,
            0 as n_event,
            0 as sum_event,
            0 as n_old
        from windows
        union all
        select
            w.instrument_id,
            w.ahead,
            greatest(w.end_no, s.seen_no),
            0,
            0,
            1,
            w.move,
            cast(s.is_reconstructed as integer)
        from windows as w
        inner join {{ ref("int_news_shocks") }} as s on s.event_no = w.event_no and s.index_id = 'gpr'
    ),
    by_session as (
        select
            instrument_id,
            ahead,
            session_no,
            sum(n_all) as n_all,
            sum(sum_all) as sum_all,
            sum(n_event) as n_event,
            sum(sum_event) as sum_event,
            sum(n_old) as n_old
        from told
        group by instrument_id, ahead, session_no
    ),
    so_far as (
        select
            instrument_id,
            ahead,
            session_no,
            sum(n_all) over upto as n_all,
            sum(sum_all) over upto as sum_all,
            sum(n_event) over upto as n_event,
            sum(sum_event) over upto as sum_event,
            sum(n_old) over upto as n_old
        from by_session
        window upto as (partition by instrument_id, ahead order by session_no)
    ),
    readings as (
        select
            'GU04_' || s.ahead as reading_id,
            s.instrument_id as entity_id,
            c.session_date,
            c.session_date as obs_period,
            cast(s.sum_event as double) / nullif(s.n_event, 0) - cast(s.sum_all as double) / s.n_all as value,
            case when s.n_event < {{ least }} then 'LOW_COVERAGE' else 'OK' end as status,
            s.n_event as n_used,
            {{ least }} as n_expected,
            c.snapshot_at as known_at,
            s.n_old > 0 as is_reconstructed
        from so_far as s
        inner join {{ ref("int_calendar") }} as c on c.session_no = s.session_no
        where c.session_date >= date '2015-01-02'
    )
    {{ readings("readings", "GU04", reconstructed="is_reconstructed") }}
