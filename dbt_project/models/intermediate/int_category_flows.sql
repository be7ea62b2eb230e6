-- Flows of groups of funds per session, as known: equity (US), bond (government, investment grade and high yield
-- together), and each other category of funds.
-- Both legs of a heartbeat are left out once it is undone; until then the first leg counts (pending), because nobody
-- knew. Coverage is the share of assets whose fund has reported within three sessions.
with
    told as (select * from {{ ref("int_fund_sessions") }} where fund_category is not null),
    groups as (
        select distinct
            instrument_id, case when fund_category = 'equity_us' then 'equity' else fund_category end as fund_group
        from told
        union all
        select distinct instrument_id, 'bond'
        from told
        where fund_category like 'bond%'
    ),
    legs as (
        select instrument_id, session_no as leg_no, session_no as undone_no
        from told
        where is_heartbeat
        union all
        select instrument_id, undoes_no, session_no
        from told
        where is_heartbeat
    ),
    marked as (
        select g.*, l.undone_no
        from told as g
        left join
            (select instrument_id, leg_no, min(undone_no) as undone_no from legs group by instrument_id, leg_no) as l
            on l.instrument_id = g.instrument_id
            and l.leg_no = g.session_no
    ),
    funds as (select instrument_id, min(session_no) as first_no from told group by instrument_id),
    spine as (
        select f.instrument_id, c.session_no, c.session_date, c.snapshot_at
        from funds as f
        inner join {{ ref("int_calendar") }} as c on c.session_no >= f.first_no
    ),
    sized as (select instrument_id, session_no, observed_date, known_at, aum from told where aum is not null),
    daily as (
        select
            s.*,
            case when m.undone_no is null then m.flow_cents end as clean_cents,
            p.pending_cents,
            m.n_flows > 0 as has_flow,
            a.aum,
            a.observed_date,
            a.known_at,
            s.session_no - a.session_no as age,
            lag(a.aum) over (partition by s.instrument_id order by s.session_no) as aum_eve
        from spine as s
        left join marked as m on m.instrument_id = s.instrument_id and m.session_no = s.session_no
        left join
            (
                select b.instrument_id, c.session_no, sum(b.flow_cents) as pending_cents
                from marked as b
                inner join {{ ref("int_calendar") }} as c on c.session_no >= b.session_no and c.session_no < b.undone_no
                group by b.instrument_id, c.session_no
            ) as p
            on p.instrument_id = s.instrument_id
            and p.session_no = s.session_no
        asof left join sized as a on a.instrument_id = s.instrument_id and a.session_no <= s.session_no
    )
select
    g.fund_group,
    session_no,
    session_date,
    snapshot_at,
    coalesce(sum(clean_cents), 0) as clean_cents,
    coalesce(sum(pending_cents), 0) as pending_cents,
    count(*) filter (where has_flow) as n_flows,
    sum(cast(round(aum_eve) as hugeint)) as aum_before,
    sum(cast(round(aum) as hugeint)) filter (where age <= 3)
    / nullif(cast(sum(cast(round(aum) as hugeint)) as double), 0) as coverage,
    count(*) filter (where age <= 3) as funds_fresh,
    count(*) as funds,
    min(age) as age,
    max(observed_date) as observed_date,
    max(known_at) as known_at
from daily
inner join groups as g on g.instrument_id = daily.instrument_id
group by g.fund_group, session_no, session_date, snapshot_at
order by session_no, g.fund_group
