-- The odds of each target range after each meeting: the current range plus what futures imply (both variants), and the
-- ladder of the prediction market. Ranges are a quarter point wide and sum to one per session, meeting, variant,
-- source.
with
    futures as (
        select
            p.session_date,
            p.meeting_date,
            p.variant,
            'zq' as source,
            r.target_lower + 0.25 * p.steps as range_low,
            p.probability,
            r.snapshot_at as known_at
        from {{ ref("int_policy_ranges") }} as p
        inner join {{ ref("int_rate_sessions") }} as r on r.session_date = p.session_date and r.status_target = 'OK'
    ),
    ladders as (
        select session_date, meeting_date, 'ladder' as variant, 'kalshi' as source, range_low, probability, known_at
        from {{ ref("int_kalshi_ranges") }}
    )
select
    session_date,
    meeting_date,
    variant,
    source,
    round(range_low, 6) as range_low,
    round(range_low + 0.25, 6) as range_high,
    round(probability, 9) as probability,
    known_at
from
    (
        select *
        from futures
        union all by name
        select *
        from ladders
    )
order by session_date, source, variant, meeting_date, range_low
