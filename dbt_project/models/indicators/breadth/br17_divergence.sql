-- BR17: breadth divergence (bearish): the headline index closes at its 63-session high, and the ratio-adjusted
-- advance-decline line or the share above the 50-day average is below where it was when the index last closed at
-- such a high (often the session before). 1 when so, else 0. One part below is enough; if none is, both have to be
-- known. The line is compared only where it skipped no session in between.
with
    closes as (
        select
            p.session_no,
            p.session_date,
            count(*) over (order by p.session_no) as closes_held,
            case when count(*) over last_63 = 63 then p.close_ticks = max(p.close_ticks) over last_63 end as is_high,
            max(p.known_at) over (order by p.session_no) as known_at
        from {{ ref("int_headline_returns") }} as p
        where p.is_traded
        window last_63 as (order by p.session_no range between 62 preceding and current row)
    ),
    highs as (
        select
            *,
            last_value(case when is_high then session_date end ignore nulls) over (
                order by session_no rows between unbounded preceding and 1 preceding
            ) as high_before
        from closes
    ),
    breadth as (
        select
            universe_id,
            session_date,
            rana_line,
            pct_above_sma50,
            status_counts,
            status_sma,
            known_at,
            count(*) filter (where status_counts <> 'OK') over (
                partition by universe_id order by session_date
            ) as skipped
        from {{ ref("int_breadth") }}
        where is_default and segment_type = 'universe'
    ),
    compared as (
        select
            n.universe_id,
            n.session_date,
            n.status_counts,
            n.status_sma,
            h.closes_held,
            h.is_high,
            h.high_before,
            t.status_counts as status_counts_then,
            t.status_sma as status_sma_then,
            case when n.skipped = t.skipped then n.rana_line < t.rana_line end as is_line_below,
            n.pct_above_sma50 < t.pct_above_sma50 as is_share_below,
            greatest(n.known_at, h.known_at, t.known_at) as known_at
        from breadth as n
        left join highs as h on h.session_date = n.session_date
        left join breadth as t on t.universe_id = n.universe_id and t.session_date = h.high_before and h.is_high
    ),
    readings as (
        select
            'BR17' as reading_id,
            universe_id as entity_id,
            session_date,
            session_date as obs_period,
            cast(is_high and (is_line_below or is_share_below) as integer) as value,
            case
                when status_counts = 'NOT_AVAILABLE'
                then 'NOT_AVAILABLE'
                when closes_held is null
                then 'STALE_INPUT'
                when closes_held < 126
                then 'WARMUP'
                when is_high is null
                then 'LOW_COVERAGE'
                -- were 0 told where breadth is not known at all, a past of few values would hold no divergence
                when status_counts <> 'OK' and status_sma <> 'OK'
                then status_counts
                when not is_high
                then 'OK'
                when high_before is null
                then 'WARMUP'
                when (is_line_below or is_share_below) is not null
                then 'OK'
                when status_counts <> 'OK'
                then status_counts
                when status_sma <> 'OK'
                then status_sma
                when coalesce(status_sma_then, 'WARMUP') <> 'OK'
                then coalesce(status_sma_then, 'WARMUP')
                else 'LOW_COVERAGE'
            end as status,
            cast(is_line_below is not null as integer) + cast(is_share_below is not null as integer) as n_used,
            2 as n_expected,
            known_at
        from compared
    )
    {{ readings("readings", "BR17") }}
