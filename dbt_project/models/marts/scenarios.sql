-- What would carry the advance and what would end it, per session: the state, since when, the reading that decides,
-- and what the headline index did after earlier entries into the state whose 63 sessions were over by then.
select
    s.scenario_id,
    s.session_date,
    d.kind,
    d.statement,
    s.state,
    cast(s.days_in_state as integer) as days_in_state,
    s.n_terms,
    s.n_met,
    s.n_unknown,
    t.reading_id as evidence_reading_id,
    t.label as evidence_label,
    t.value as evidence_value,
    cast(r.n as integer) as n,
    case when r.n > 0 then round(r.hits / r.n, 6) end as hit_rate,
    case when r.n > 0 then {{ one_zero("round(r.mean_21, 6)") }} end as mean_move_21d,
    case when r.n > 0 then {{ one_zero("round(r.mean_63, 6)") }} end as mean_move_63d,
    cast(r.n_base as integer) as n_base,
    case when r.n_base > 0 then round(r.base_share, 6) end as base_rate,
    case when r.n_base > 0 then {{ one_zero("round(r.base_mean_21, 6)") }} end as base_move_21d,
    case when r.n_base > 0 then {{ one_zero("round(r.base_mean_63, 6)") }} end as base_move_63d,
    cast(r.n_lead as integer) as n_lead,
    case when r.n_lead > 0 then r.lead_sessions end as lead_sessions,
    cast(r.n_state as integer) as sessions_in_state,
    {{ one_zero("round(r.effect_21, 6)") }} as effect_21d,
    {{ one_zero("round(r.effect_21 - 1.959963984540054 * r.effect_error, 6)") }} as effect_low,
    {{ one_zero("round(r.effect_21 + 1.959963984540054 * r.effect_error, 6)") }} as effect_high,
    round(r.p_value, 6) as p_value,
    round(r.q_value, 6) as q_value,
    r.effect_until,
    case when s.state is null then coalesce(t.status, 'NOT_AVAILABLE') else 'OK' end as status,
    case
        when t.value is not null then 'OK' when t.reading_id is null then 'UNDEFINED' else t.status
    end as status_evidence,
    case when r.n > 0 then 'OK' else 'UNDEFINED' end as status_hit,
    case when r.n_base > 0 then 'OK' else 'WARMUP' end as status_base,
    case when r.n_lead > 0 then 'OK' else 'UNDEFINED' end as status_lead,
    case when r.effect_21 is not null then 'OK' else 'UNDEFINED' end as status_effect,
    c.snapshot_at as known_at
from {{ ref("scenario_states") }} as s
inner join {{ ref("scenario_list") }} as d on d.scenario_id = s.scenario_id
inner join {{ ref("int_calendar") }} as c on c.session_date = s.session_date
left join
    {{ ref("scenario_terms_known") }} as t
    on t.scenario_id = s.scenario_id
    and t.session_no = s.session_no
    and t.term_no = s.evidence_term
left join {{ ref("scenario_reactions") }} as r on r.scenario_id = s.scenario_id and r.session_no = s.session_no
order by s.session_date, s.scenario_id
