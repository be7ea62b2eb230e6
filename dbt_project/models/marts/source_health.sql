-- Health of each input per session (the last 252): how far it reached by the snapshot, how far it should, what the
-- vendor answered, and what is missing in the middle of its series (the last year). Questions belong to the last
-- session whose snapshot had passed when they were asked.
with
    sessions as (select * from {{ ref("int_calendar") }} order by session_date desc limit 252),
    reach as (
        select
            dataset,
            known_at,
            max(observed) over (
                partition by dataset order by known_at, observed rows unbounded preceding
            ) as last_observation
        from {{ ref("int_observations_known") }}
    ),
    reach_known as (
        select dataset, known_at, max(last_observation) as last_observation from reach group by dataset, known_at
    ),
    asked as (
        select
            q.dataset,
            c.session_date,
            count(distinct q.series) as requested,
            count(distinct q.series) filter (where q.outcome in ('data', 'empty')) as returned,
            count(distinct q.series) filter (where q.outcome = 'missing') as missing,
            count(distinct q.series) filter (where q.outcome = 'error') as failed,
            string_agg(distinct q.name, ', ' order by q.name) filter (
                where q.outcome in ('missing', 'error')
            ) as missing_names
        -- a page or a batch of vintages is named by the series it belongs to
        from (select *, regexp_replace(series, '/[^/]*$', '') as name from {{ ref("int_fetches") }}) as q
        inner join sessions as c on c.session_date = q.session_date
        group by q.dataset, c.session_date
    ),
    holes as (
        select
            h.dataset,
            s.session_date,
            count(*) as holes,
            max(h.expected) as newest_hole,
            arg_max(h.series, h.expected || ' ' || h.series) as newest_hole_name
        from {{ ref("int_holes") }} as h
        inner join
            sessions as s
            on h.opened_at <= s.snapshot_at
            and (h.filled_at is null or h.filled_at > s.snapshot_at)
            and h.expected > s.session_date - 366
        group by h.dataset, s.session_date
    ),
    spine as (
        select
            d.dataset,
            d.cadence,
            d.stale_after_sessions,
            d.criticality,
            d.key_variable,
            d.needs_contact and {{ var("world") == "real" }} as needs_contact,
            d.cadence in ('session', 'daily') as holes_are_judged,
            s.session_date,
            s.session_no,
            s.snapshot_at,
            e.session_date as expected_observation
        from {{ ref("datasets") }} as d
        cross join sessions as s
        left join {{ ref("int_calendar") }} as e on e.session_no = s.session_no - d.lag_sessions
    ),
    joined as (
        -- a UTC day may be dated after its session: its age is 0, whether or not that day is a session known by now
        select
            s.*,
            r.last_observation,
            r.known_at as last_known_at,
            least(r.last_observation, s.session_date) as observed_by_session
        from spine as s
        asof left join reach_known as r on r.dataset = s.dataset and r.known_at <= s.snapshot_at
    ),
    aged as (
        select j.*, x.session_no as expected_no, j.session_no - coalesce(o.session_no, 0) as staleness_sessions
        from (select * from joined where last_observation is not null) as j
        asof left join
            (select session_date, session_no from {{ ref("int_calendar") }}) as o
            on o.session_date <= j.observed_by_session
        left join {{ ref("int_calendar") }} as x on x.session_date = j.expected_observation
        union all by name
        select *, cast(null as integer) as expected_no, cast(null as integer) as staleness_sessions
        from joined
        where last_observation is null
    )
select
    a.dataset,
    a.session_date,
    a.criticality,
    a.last_observation,
    a.last_known_at,
    a.expected_observation,
    cast(a.staleness_sessions as bigint) as staleness_sessions,
    q.requested,
    q.returned,
    q.missing,
    q.failed,
    q.missing_names,
    case when a.holes_are_judged then coalesce(g.holes, 0) end as holes,
    g.newest_hole,
    g.newest_hole_name,
    case
        when q.failed > 0 and coalesce(q.returned, 0) = 0
        then 'failed'
        when a.last_observation is null and a.key_variable is not null and q.requested is null
        then 'no_key'
        when a.last_observation is null and a.needs_contact and q.requested is null
        then 'no_contact'
        when a.last_observation is null
        then 'not_held'
        when a.stale_after_sessions is not null and a.staleness_sessions > a.stale_after_sessions
        then 'stale'
        when q.failed > 0 or q.missing > 0
        then 'partial'
        else 'ok'
    end as state,
    a.snapshot_at as known_at
from aged as a
left join holes as g on g.dataset = a.dataset and g.session_date = a.session_date
left join asked as q on q.dataset = a.dataset and q.session_date = a.session_date
order by a.session_date, a.dataset
