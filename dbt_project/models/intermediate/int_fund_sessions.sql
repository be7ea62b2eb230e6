-- Fund flows per session that first knew them, several days that became known together in one row, with the marks of
-- doubt (FL01): suspect (int_fund_flows: not confirmed yet, and no flow), and heartbeat (more than 5 % of assets
-- undone within three sessions, a trade for tax reasons).
with
    summed as (
        select
            instrument_id,
            fund_category,
            session_date,
            session_no,
            source,
            max(as_of_date) as observed_date,
            sum(n_days) as n_days,
            sum(cast(round(net_flow_usd * 100) as hugeint)) as flow_cents,
            count(net_flow_usd) as n_flows,
            arg_max(shares_outstanding, as_of_date) as shares_outstanding,
            arg_max(nav, as_of_date) as nav,
            arg_max(aum, as_of_date) as aum,
            arg_min(aum_before, as_of_date) as aum_before,
            coalesce(bool_or(is_suspect), false) as is_suspect,
            max(known_at) as known_at
        from {{ ref("int_fund_flows") }}
        group by instrument_id, fund_category, session_date, session_no, source
    ),
    sized as (select *, flow_cents / 100.0 / nullif(aum_before, 0) as share from summed),
    undone as (
        -- the newest large flow of the last three sessions that went the other way
        select a.instrument_id, a.session_no, max(b.session_no) as undoes_no
        from sized as a
        inner join
            sized as b
            on b.instrument_id = a.instrument_id
            and b.session_no between a.session_no - 3 and a.session_no - 1
            and abs(b.share) > 0.05
            and sign(b.share) <> sign(a.share)
        where abs(a.share) > 0.05
        group by a.instrument_id, a.session_no
    )
select s.* exclude (share), u.undoes_no is not null as is_heartbeat, u.undoes_no
from sized as s
left join undone as u on u.instrument_id = s.instrument_id and u.session_no = s.session_no
order by s.session_no, s.instrument_id
