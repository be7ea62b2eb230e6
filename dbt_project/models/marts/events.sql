-- What happened that can move markets, keyed on the moment it became known (releases 08:30, statements 14:00 New
-- York, changes of indices at the close): a row appears when the thing has happened and does not change afterwards.
-- Releases have what was printed
-- first, what was expected, and the surprise; decisions have the move of the target and what futures priced on the
-- evening before. What a kind of event does not have is not named in its part, and null in the union.
with
    priced as (
        -- the evening before: the newest session whose snapshot lies before the statement
        select m.meeting_date, o.session_date, o.expected_bp
        from {{ ref("int_policy_meetings") }} as m
        inner join
            {{ ref("int_meeting_odds") }} as o
            on o.meeting_date = m.meeting_date
            and o.variant = 'anchor_both'
            and o.is_meeting
            and o.meeting_no = 1
            and o.status_probability = 'OK'
            and o.snapshot_at < m.decided_at
            and o.snapshot_at >= m.decided_at - interval 5 day
        qualify row_number() over (partition by m.meeting_date order by o.snapshot_at desc) = 1
    ),
    decisions as (
        select
            'fomc:' || m.meeting_date as event_id,
            m.decided_at as known_at,
            'fomc' as kind,
            'policy' as driver_id,
            case
                when m.change is null
                then 'Policy decision'
                when m.change = 0
                then 'Policy decision: target unchanged'
                else format('Policy decision: target {:+.0f} bp', 100 * m.change)
            end as title,
            'bp' as unit,
            100 * m.change as actual,
            p.expected_bp as expected,
            case when p.expected_bp is not null then 'zq' end as expected_source,
            100 * m.change - p.expected_bp as surprise,
            case when 100 * m.change - p.expected_bp is not null then 'market' end as surprise_kind,
            m.is_scheduled,
            case when m.change is null then 'NOT_AVAILABLE' else 'OK' end as status,
            case when m.change is null or p.expected_bp is null then 'NOT_AVAILABLE' else 'OK' end as status_surprise,
            'NOT_AVAILABLE' as status_surprise_z
        from {{ ref("int_policy_meetings") }} as m
        left join priced as p on p.meeting_date = m.meeting_date
        where m.decided_at <= {{ as_of() }} and m.cancelled_at is null
    ),
    releases as (
        select
            'release:' || r.measure_id || ':' || r.obs_period as event_id,
            r.known_at,
            'release' as kind,
            'macro' as driver_id,
            m.name as title,
            r.measure_id,
            r.obs_period,
            m.unit,
            r.actual,
            r.previous,
            r.expected,
            r.expected_source,
            r.surprise,
            r.surprise_kind,
            r.surprise_z,
            true as is_scheduled,
            r.status,
            r.status_surprise,
            r.status_surprise_z
        from {{ ref("int_release_figures") }} as r
        inner join {{ ref("release_measures") }} as m on m.measure_id = r.measure_id
        where not r.is_reconstructed
    ),
    speeches as (
        -- statements stand above as decisions
        select
            'speech:' || link as event_id,
            published_at as known_at,
            'speech' as kind,
            'policy' as driver_id,
            title,
            link as url,
            true as is_scheduled,
            'NOT_AVAILABLE' as status,
            'NOT_AVAILABLE' as status_surprise,
            'NOT_AVAILABLE' as status_surprise_z
        from {{ ref("int_speeches") }}
    ),
    shocks as (
        -- a shock of the newspapers is known when the count that shows it came, not on its day
        select
            'shock:' || s.index_id || ':' || s.shock_on as event_id,
            s.known_at,
            case when s.index_id = 'gpr' then 'geopolitical' else 'policy' end as kind,
            case when s.index_id = 'gpr' then 'geopolitics' else 'fiscal' end as driver_id,
            case
                when s.index_id = 'gpr' then 'Shock of geopolitical risk' else 'Shock of policy uncertainty'
            end as title,
            s.shock_on as obs_period,
            false as is_scheduled,
            s.is_reconstructed,
            'NOT_AVAILABLE' as status,
            'NOT_AVAILABLE' as status_surprise,
            'NOT_AVAILABLE' as status_surprise_z
        from {{ ref("int_news_shocks") }} as s
        where s.index_id in ('gpr', 'epu')
    ),
    rebalances as (
        -- index funds trade at the close; the day was known long before
        select
            'rebalance:' || index_id || ':' || event_date as event_id,
            closes_at as known_at,
            'rebalance' as kind,
            'flows' as driver_id,
            {{ index_name("index_id") }}
            || ' changed after the close'
            || case when is_moved then ', a session early because of a closure' else '' end as title,
            true as is_scheduled,
            'NOT_AVAILABLE' as status,
            'NOT_AVAILABLE' as status_surprise,
            'NOT_AVAILABLE' as status_surprise_z
        from {{ ref("int_rebalances") }}
        where closes_at <= {{ as_of() }}
    ),
    coins as (
        select
            'crypto:' || event_id as event_id,
            known_at,
            'crypto' as kind,
            'cross_asset' as driver_id,
            instrument_id,
            title,
            url,
            is_scheduled,
            'NOT_AVAILABLE' as status,
            'NOT_AVAILABLE' as status_surprise,
            'NOT_AVAILABLE' as status_surprise_z
        from {{ ref("crypto_events") }}
        where world = '{{ var("world") }}' and known_at <= {{ as_of() }}
    ),
    proposals as (
        select
            'proposal:' || proposal_id as event_id,
            known_at,
            'policy' as kind,
            'fiscal' as driver_id,
            title,
            url,
            false as is_scheduled,
            'NOT_AVAILABLE' as status,
            'NOT_AVAILABLE' as status_surprise,
            'NOT_AVAILABLE' as status_surprise_z
        from {{ ref("policy_proposals") }}
        where world = '{{ var("world") }}' and known_at <= {{ as_of() }}
    ),
    happened as (
        select *
        from decisions
        union all by name
        select *
        from releases
        union all by name
        select *
        from speeches
        union all by name
        select *
        from shocks
        union all by name
        select *
        from rebalances
        union all by name
        select *
        from coins
        union all by name
        select *
        from proposals
    )
select
    h.event_id,
    cast(timezone('America/New_York', h.known_at) as date) as date,
    c.session_date,
    h.kind,
    h.driver_id,
    h.instrument_id,
    h.title,
    h.url,
    h.measure_id,
    h.obs_period,
    h.unit,
    {{ one_zero("round(h.actual, 6)") }} as actual,
    {{ one_zero("round(h.previous, 6)") }} as previous,
    {{ one_zero("round(h.expected, 6)") }} as expected,
    h.expected_source,
    {{ one_zero("round(h.surprise, 6)") }} as surprise,
    h.surprise_kind,
    {{ one_zero("round(h.surprise_z, 6)") }} as surprise_z,
    h.is_scheduled,
    coalesce(h.is_reconstructed, false) as is_reconstructed,
    h.status,
    h.status_surprise,
    h.status_surprise_z,
    h.known_at
from happened as h
-- the first session at whose snapshot it was known; what is newer has no row yet
asof inner join (select session_date, snapshot_at from {{ ref("int_calendar") }}) as c on c.snapshot_at >= h.known_at
order by h.known_at, h.event_id
