-- Shiller's cyclically adjusted price-earnings ratio as known at each session, and where it stands among the last 120
-- months as they were then told. Every file estimates months anew: what was first seen after the session is marked.
-- The newest month counts until another comes, 66 sessions after its first one at most.
with
    told as (
        select month, cape, first_seen_at, {{ known_when_it_came() }} as known_at, version_no
        from {{ ref("stg_shiller_ie") }}
        where cape is not null
    ),
    versions as (
        select *, lead(known_at) over (partition by month order by known_at, version_no) as valid_until from told
    ),
    moments as (
        select t.known_at, max(v.month) as newest_month
        from (select distinct known_at from told) as t
        inner join versions as v on v.known_at <= t.known_at
        group by t.known_at
    ),
    stood as (
        select
            m.known_at,
            m.newest_month as month,
            count(*) as n_months,
            max(v.cape) filter (where v.month = m.newest_month) as cape,
            max(v.first_seen_at) as first_seen_all,
            max(v.first_seen_at) filter (where v.month = m.newest_month) as first_seen_at,
            list(v.cape order by v.month) as capes
        from moments as m
        inner join
            versions as v
            on v.month > m.newest_month - interval 120 month
            and v.month <= m.newest_month
            and {{ known_at_moment("v", "m.known_at") }}
        group by m.known_at, m.newest_month
    ),
    ranked as (
        select
            *,
            case
                when n_months = 120
                then
                    100
                    * (len(list_filter(capes, x -> x < cape)) + 0.5 * len(list_filter(capes, x -> x = cape)))
                    / n_months
            end as percentile
        from stood
    ),
    known as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            r.* exclude (capes),
            c.session_no - o.session_no as age_sessions
        from {{ ref("int_calendar") }} as c
        asof inner join ranked as r on r.known_at <= c.snapshot_at
        asof inner join
            (select session_date, session_no from {{ ref("int_calendar") }}) as o on o.session_date >= r.month
    )
select
    session_date,
    session_no,
    snapshot_at,
    month,
    n_months,
    case when age_sessions <= 66 then cape end as cape,
    case when age_sessions <= 66 then percentile end as percentile,
    first_seen_at > snapshot_at as is_reconstructed,
    first_seen_all > snapshot_at as is_percentile_reconstructed,
    case when age_sessions <= 66 then 'OK' else 'STALE_INPUT' end as status,
    case
        when age_sessions > 66 then 'STALE_INPUT' when percentile is null then 'WARMUP' else 'OK'
    end as status_percentile,
    known_at
from known
order by session_no
