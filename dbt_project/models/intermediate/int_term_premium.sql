-- The 10-year term premium of Adrian, Crump and Moench as known at each session, and its change over 20 sessions. Every
-- download re-estimates the whole history, so a change is taken inside what was known at one moment, never between two.
-- What was first seen after the session is marked: nobody knew those estimates then.
with
    told as (
        -- the file is asked for once a week: an estimate was known when it came. Only of the first file,
        -- whose history is older than the home, the day after the observation stands in.
        select observation_date, term_premium, risk_neutral_yield, first_seen_at, {{ known_when_it_came() }} as known_at
        from {{ ref("stg_nyfed_acm") }}
        where maturity_years = 10
    ),
    versions as (
        select *, lead(known_at) over own as valid_until, row_number() over own as version_no
        from told
        where known_at <= {{ as_of() }}
        window own as (partition by observation_date order by known_at, first_seen_at)
    ),
    newest as ({{ newest_known("versions", "1", "observation_date") }}),
    known as (
        select c.session_date, c.session_no, c.snapshot_at, n.observation_date, o.session_no as observed_no
        from {{ ref("int_calendar") }} as c
        asof inner join newest as n on n.known_at <= c.snapshot_at
        asof inner join
            (select session_date, session_no from {{ ref("int_calendar") }}) as o
            on o.session_date <= n.observation_date
    ),
    joined as (
        select
            k.*,
            k.session_no - k.observed_no as staleness_sessions,
            v.term_premium,
            v.risk_neutral_yield as expected_rate,
            v.first_seen_at,
            v.known_at as released_at,
            b.term_premium as term_premium_before,
            b.risk_neutral_yield as expected_rate_before,
            b.observation_date as observed_before,
            b.first_seen_at as first_seen_before
        from known as k
        inner join
            versions as v on v.observation_date = k.observation_date and {{ known_at_moment("v", "k.snapshot_at") }}
        left join {{ ref("int_calendar") }} as c on c.session_no = k.observed_no - 20
        left join versions as b on b.observation_date = c.session_date and {{ known_at_moment("b", "k.snapshot_at") }}
    )
select
    session_date,
    session_no,
    snapshot_at,
    observation_date,
    released_at,
    -- asked once a week: the newest estimate may be seven sessions old
    case when staleness_sessions <= 7 then term_premium end as term_premium,
    case when staleness_sessions <= 7 then expected_rate end as expected_rate,
    case when staleness_sessions <= 7 then 100 * (term_premium - term_premium_before) end as term_premium_d20_bp,
    case when staleness_sessions <= 7 then 100 * (expected_rate - expected_rate_before) end as expected_rate_d20_bp,
    observed_before,
    greatest(first_seen_at, first_seen_before) > snapshot_at as is_reconstructed,
    case
        when staleness_sessions > 7 then 'STALE_INPUT' when term_premium is null then 'NOT_PUBLISHED' else 'OK'
    end as status,
    case
        when staleness_sessions > 7 then 'STALE_INPUT' when expected_rate is null then 'NOT_AVAILABLE' else 'OK'
    end as status_expected
from joined
order by session_no
