-- Every close of the headline index with what a chance is made of: the newest decision of the rally that is open
-- under the canonical rule (none outside a rally), and the scores of the session.
with
    closes as (
        select i.index_id, i.session_date, i.close_ticks, r.rule
        from {{ ref("int_index_closes") }} as i
        inner join {{ ref("int_instruments") }} as n on n.instrument_id = i.index_id and n.role = 'headline'
        cross join {{ ref("rally_rules") }} as r
        where r.is_default
    )
select
    c.index_id,
    c.session_date,
    c.close_ticks,
    s.state,
    case when s.state = 'RALLY' then c.index_id || ':' || c.rule || ':' || s.up_confirmed_date end as episode_id,
    case
        when s.state = 'RALLY'
        then max(d.session_date) over (partition by c.index_id, s.up_confirmed_date order by c.session_date)
    end as decision_date,
    a.composite,
    a.score_breadth,
    a.score_macro,
    a.score_earnings,
    a.score_policy,
    a.score_flows
from closes as c
inner join
    {{ ref("int_rally_states") }} as s
    on s.index_id = c.index_id
    and s.session_date = c.session_date
    and s.rule = c.rule
left join
    {{ ref("int_rally_decisions") }} as d
    on d.index_id = c.index_id
    and d.session_date = c.session_date
    and d.rule = c.rule
left join {{ ref("answer_scores") }} as a on a.session_date = c.session_date
order by c.index_id, c.session_date
