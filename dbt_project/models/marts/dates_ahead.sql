-- What is coming from the day after the newest session to the end of the week after it, as known then: figures of
-- releases, meetings of the central bank, reports of large members and of themes, changes of indices, expiry of
-- options, days on which the exchange is shut or closes early.
{% set heavy = 0.005 %}
{% set releases = {
    "cpi": "Consumer prices",
    "jobs": "Payrolls, unemployment and wages",
    "pce": "Consumption prices and spending",
    "retail": "Retail sales",
    "claims": "Initial claims for unemployment insurance",
    "gdp": "Gross domestic product",
} %}
with
    newest as (
        select session_date, snapshot_at, session_date + 14 - cast(isodow(session_date) as integer) as last_day
        from {{ ref("int_calendar") }}
        where is_latest
    ),
    days as (
        select c.date as day, c.is_session, c.is_half_day, c.close_at
        from {{ ref("calendar") }} as c
        inner join newest as n on c.date > n.session_date and c.date <= n.last_day
    ),
    names as (
        select *
        from
            (
                values
                    {% for id, name in releases.items() %}
                        ('{{ id }}', '{{ name }}'){% if not loop.last %},{% endif %}
                    {% endfor %}
            ) as v(release_id, name)
    ),
    listed as (
        select r.release_id, r.obs_period, r.release_date, r.note is not null and r.release_id <> 'claims' as is_noted
        from {{ ref("release_dates") }} as r
        where r.world = '{{ var("world") }}'
    ),
    released as (
        select r.release_id, r.release_date as day, max(r.obs_period) as obs_period, bool_or(r.is_noted) as is_noted
        from listed as r
        inner join days as d on d.day = r.release_date
        group by r.release_id, r.release_date
    ),
    weekly as (
        -- claims come on the Thursday after the week they count, where nothing else is listed for that week
        select 'claims' as release_id, d.day, d.day - 5 as obs_period
        from days as d
        left join listed as r on r.release_id = 'claims' and r.obs_period = d.day - 5
        where isodow(d.day) = 4 and d.is_session and r.obs_period is null
    ),
    found as (
        select
            r.day as event_date,
            'release' as kind,
            r.release_id as event_key,
            concat(n.name, ' of ', r.obs_period) as title,
            timezone('America/New_York', r.day + time '08:30:00') as starts_at,
            case when r.is_noted then 'hindsight' else 'listed' end as known_by,
            cast(null as double) as index_weight
        from released as r
        inner join names as n on n.release_id = r.release_id
        union all
        select
            w.day,
            'release',
            w.release_id,
            concat(n.name, ' of ', w.obs_period),
            timezone('America/New_York', w.day + time '08:30:00'),
            'rule',
            null
        from weekly as w
        inner join names as n on n.release_id = w.release_id
        union all
        select m.meeting_date, 'fomc', 'fomc', 'Decision of the central bank', m.decided_at, 'listed', null
        from {{ ref("int_policy_meetings") }} as m
        inner join days as d on d.day = m.meeting_date
        inner join newest as n on m.known_at <= n.snapshot_at and coalesce(m.cancelled_at > n.snapshot_at, true)
        union all
        select
            e.report_date,
            'earnings',
            e.instrument_id,
            concat(
                coalesce(i.name, e.instrument_id),
                ' reports',
                case e.timing when 'bmo' then ' before the open' when 'amc' then ' after the close' end
            ),
            null,
            'expected',
            e.index_weight
        from {{ ref("earnings_calendar") }} as e
        inner join days as d on d.day = e.report_date
        left join {{ ref("dim_instrument") }} as i on i.instrument_id = e.instrument_id
        where e.is_ahead and (e.index_weight >= {{ heavy }} or e.basket is not null)
        union all
        select
            r.event_date,
            'rebalance',
            r.index_id,
            concat({{ index_name("r.index_id") }}, ' change after the close'),
            r.closes_at,
            'rule',
            null
        from {{ ref("int_rebalances") }} as r
        inner join days as d on d.day = r.event_date
        union all
        -- the third Friday, or the session before where the exchange is shut
        select s.day, 'expiry', 'options', 'Monthly options expire', s.close_at, 'rule', null
        from days as f
        asof inner join (select day, close_at from days where is_session) as s on s.day <= f.day
        where isodow(f.day) = 5 and extract(day from f.day) between 15 and 21
        union all
        select day, 'closed', 'exchange', 'The exchange is shut', null, 'listed', null
        from days
        where not is_session and isodow(day) <= 5
        union all
        select day, 'half_day', 'exchange', 'The exchange closes early', close_at, 'listed', null
        from days
        where is_half_day
    )
select
    n.session_date,
    f.event_date,
    f.kind,
    f.event_key,
    f.title,
    f.starts_at,
    f.known_by,
    round(f.index_weight, 9) as index_weight,
    n.snapshot_at as known_at
from found as f
cross join newest as n
order by f.event_date, f.kind, f.event_key
