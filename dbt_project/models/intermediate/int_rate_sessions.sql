-- What every session has of the policy rate: the newest effective rate then published (that of the day before), the
-- target range, and by how much the one stands above the lower end of the other.
with
    effective as (
        select
            effective_date,
            rate,
            target_from,
            spoken_by,
            known_at,
            row_number() over (partition by effective_date order by known_at) as version_no
        from {{ ref("int_effective_rate") }}
    ),
    newest as ({{ newest_known("effective", "1", "effective_date") }}),
    known as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            n.effective_date,
            n.rate,
            n.target_from,
            n.spoken_by,
            n.known_at
        from {{ ref("int_calendar") }} as c
        asof left join newest as n on n.known_at <= c.snapshot_at
    )
select
    k.session_date,
    k.session_no,
    k.snapshot_at,
    k.effective_date,
    case when k.session_date - k.effective_date <= 7 then k.rate end as effr,
    k.spoken_by as effr_source,
    k.known_at as effr_known_at,
    case
        when k.effective_date is null
        then 'NOT_PUBLISHED'
        when k.session_date - k.effective_date <= 7
        then 'OK'
        else 'STALE_INPUT'
    end as status_effr,
    t.target_lower,
    t.target_upper,
    t.spoken_by as target_source,
    coalesce(t.status, 'NOT_PUBLISHED') as status_target,
    t.moved_on,
    t.moved_by,
    -- the range in which that rate was paid: a decision changes it from the next day on, so that on the day after
    -- one the newest rate is still of the old range. The New York Fed says it beside the rate, FRED does not
    round(100 * (k.rate - coalesce(k.target_from, b.target_lower)), 6) as effr_less_lower_bp
from known as k
left join {{ ref("int_policy_target") }} as t on t.session_no = k.session_no
asof left join {{ ref("int_policy_target") }} as b on b.session_date < k.effective_date
where k.effective_date is not null or t.target_upper is not null
order by k.session_no
