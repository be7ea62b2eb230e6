-- What each member weighs in the default universe, per session with a source of weights: weight_close by today's close,
-- weight_open by the close of the evening before (which is what a contribution counts with) among today's members. Who
-- has no size weighs nothing and is told by the coverage of int_weight_sources.
with
    sources as (
        select universe_id, session_no, session_date, weight_source, known_at
        from {{ ref("int_weight_sources") }}
        where status = 'OK'
    ),
    members as (
        select m.universe_id, c.session_date, c.session_no, c.snapshot_at, m.instrument_id
        from {{ ref("int_membership") }} as m
        inner join {{ ref("int_calendar") }} as c on {{ holds_at("m", "c.session_date") }}
        where m.is_default and {{ is_made("c.session_date") }}
    ),
    sized as (
        select
            m.*,
            n.weight_source,
            b.weight_source as weight_source_open,
            sn.size_usd as size_close,
            sb.size_usd as size_open,
            sn.shares,
            greatest(n.known_at, b.known_at, sn.known_at, sb.known_at) as known_at
        from members as m
        left join sources as n on n.universe_id = m.universe_id and n.session_no = m.session_no
        left join sources as b on b.universe_id = m.universe_id and b.session_no = m.session_no - 1
        left join
            {{ ref("int_share_counts") }} as sn
            on sn.source = n.weight_source
            and sn.session_no = m.session_no
            and sn.instrument_id = m.instrument_id
        left join
            {{ ref("int_share_counts") }} as sb
            on sb.source = b.weight_source
            and sb.session_no = m.session_no - 1
            and sb.instrument_id = m.instrument_id
        where n.universe_id is not null or b.universe_id is not null
    )
select
    s.universe_id,
    s.session_date,
    s.session_no,
    s.instrument_id,
    coalesce(i.issuer_id, s.instrument_id) as issuer_id,
    s.weight_source,
    s.weight_source_open,
    s.shares,
    s.size_close,
    -- whole dollars: their sum does not depend on the order
    s.size_close / sum(cast(round(s.size_close) as hugeint)) over day as weight_close,
    s.size_open / sum(cast(round(s.size_open) as hugeint)) over day as weight_open,
    s.known_at
from sized as s
left join {{ ref("int_issuers") }} as i on i.instrument_id = s.instrument_id and {{ holds_at("i", "s.snapshot_at") }}
where s.size_close is not null or s.size_open is not null
window day as (partition by s.universe_id, s.session_no)
order by s.session_no, s.universe_id, s.instrument_id
