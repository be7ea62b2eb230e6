-- The equity risk premium that Damodaran estimates at the start of each month, as known at each session. The file is
-- asked for often in the first days of a month, so an estimate was known when it came; only of the first file, whose
-- history is older than the home, the usual day stands in, and what was first seen after the session is marked. An
-- estimate counts until the next one comes, 30 sessions at most.
with
    told as (
        select month, erp_t12m, first_seen_at, {{ known_when_it_came() }} as known_at, version_no
        from {{ ref("stg_damodaran_erp") }}
    ),
    newest as ({{ newest_known("told", "1", "month") }}),
    known as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            n.month,
            n.erp_t12m,
            n.known_at,
            n.first_seen_at > c.snapshot_at as is_reconstructed,
            c.session_no - o.session_no as age_sessions
        from {{ ref("int_calendar") }} as c
        asof inner join newest as n on n.known_at <= c.snapshot_at
        asof inner join
            (select session_date, session_no from {{ ref("int_calendar") }}) as o on o.session_date >= n.month
    )
select
    session_date,
    session_no,
    snapshot_at,
    month,
    case when age_sessions <= 30 then erp_t12m end as erp_implied,
    is_reconstructed,
    case when age_sessions <= 30 then 'OK' else 'STALE_INPUT' end as status,
    known_at
from known
order by session_no
