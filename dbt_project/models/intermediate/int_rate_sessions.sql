-- What every session has of the policy rate: the newest effective rate then published (that of the day before), the
-- target range, and by how much the one stands above the lower end of the other.
with
    effective as (
        select
            effective_date,
            rate,
            spoken_by,
            known_at,
            row_number() over (partition by effective_date order by known_at) as version_no
        from {{ ref("int_effective_rate") }}
    ),
    newest as ({{ newest_known("effective", "1", "effective_date") }}),
    known as (
        select c.session_date, c.session_no, c.snapshot_at, n.effective_date, n.rate, n.spoken_by, n.known_at
        from {{ ref("int_calendar") }} as c
        asof inner join newest as n on n.known_at <= c.snapshot_at
    )
select
    k.session_date,
    k.session_no,
    k.snapshot_at,
    k.effective_date,
    case when k.session_date - k.effective_date <= 7 then k.rate end as effr,
    k.spoken_by as effr_source,
    k.known_at as effr_known_at,
    case when k.session_date - k.effective_date <= 7 then 'OK' else 'STALE_INPUT' end as status_effr,
    t.target_lower,
    t.target_upper,
    t.spoken_by as target_source,
    coalesce(t.status, 'NOT_PUBLISHED') as status_target,
    t.moved_on,
    t.moved_by,
    -- the range of the day the rate was paid
    round(100 * (k.rate - b.target_lower), 6) as effr_less_lower_bp
from known as k
left join {{ ref("int_policy_target") }} as t on t.session_no = k.session_no
left join {{ ref("int_policy_target") }} as b on b.session_no = k.session_no - 1
order by k.session_no
