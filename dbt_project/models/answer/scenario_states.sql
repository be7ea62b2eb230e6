{{ config(materialized="table") }}
-- Each scenario TRUE, FALSE or not known, per session. `all`: one term that fails decides; `any`: one that holds does;
-- what is not known decides nothing. The two states over all scenarios follow: the bull state (three of four supports
-- and no danger) and the bear alert (a danger on each of five sessions, the breakdown of the chart at once).
with
    counted as (
        select
            t.scenario_id,
            t.session_date,
            t.session_no,
            s.kind,
            s.combines,
            count(*) as n_terms,
            count(*) filter (where t.is_met) as n_met,
            count(*) filter (where not t.is_met) as n_unmet,
            min(t.term_no) filter (where t.is_met) as first_met,
            min(t.term_no) filter (where not t.is_met) as first_unmet,
            min(t.term_no) filter (where t.is_met is null) as first_unknown,
            max(t.known_at) as known_at
        from {{ ref("scenario_terms_known") }} as t
        inner join {{ ref("scenario_list") }} as s on s.scenario_id = t.scenario_id
        group by t.scenario_id, t.session_date, t.session_no, s.kind, s.combines
    ),
    single as (
        select
            *,
            case
                when combines = 'all' and n_unmet > 0
                then false
                when combines = 'all' and n_met = n_terms
                then true
                when combines = 'any' and n_met > 0
                then true
                when combines = 'any' and n_unmet = n_terms
                then false
            end as state
        from counted
    ),
    together as (
        select
            session_date,
            session_no,
            count(*) filter (where kind = 'bullish' and state) as supports,
            count(*) filter (where kind = 'bullish' and state is null) as supports_unknown,
            count(*) filter (where kind = 'bearish' and state) as dangers,
            count(*) filter (where kind = 'bearish' and state is null) as dangers_unknown,
            bool_or(state) filter (where scenario_id = 'SC-R4') as has_broken_down,
            max(known_at) as known_at
        from single
        group by session_date, session_no
    ),
    runs as (
        select
            *,
            count(*) over five as n_sessions,
            count(*) filter (where dangers > 0) over five as n_dangerous,
            count(*) filter (where dangers = 0 and dangers_unknown = 0) over five as n_free
        from together
        window five as (order by session_no rows between 4 preceding and current row)
    ),
    both_states as (
        select
            'SC-BULL' as scenario_id,
            session_date,
            session_no,
            'bullish' as kind,
            4 as n_terms,
            supports as n_met,
            4 - supports - supports_unknown as n_unmet,
            case
                when supports >= 3 and dangers = 0 and dangers_unknown = 0
                then true
                when supports + supports_unknown < 3 or dangers > 0
                then false
            end as state,
            known_at
        from runs
        union all by name
        select
            'SC-BEAR' as scenario_id,
            session_date,
            session_no,
            'bearish' as kind,
            4 as n_terms,
            dangers as n_met,
            4 - dangers - dangers_unknown as n_unmet,
            case
                when has_broken_down or (n_sessions = 5 and n_dangerous = 5)
                then true
                when has_broken_down is not null and n_free > 0
                then false
            end as state,
            known_at
        from runs
    ),
    everything as (
        select
            scenario_id,
            session_date,
            session_no,
            kind,
            n_terms,
            n_met,
            n_unmet,
            state,
            -- the term that decides; where all together do, or none does yet, the first of its kind
            case
                when state and combines = 'any'
                then first_met
                when not state and combines = 'all'
                then first_unmet
                when state is null
                then first_unknown
                else 1
            end as evidence_term,
            known_at
        from single
        union all by name
        select *
        from both_states
    ),
    changes as (
        select *, state is distinct from lag(state) over (partition by scenario_id order by session_no) as is_new
        from everything
    ),
    spells as (
        select *, max(session_no) filter (where is_new) over (partition by scenario_id order by session_no) as spell_no
        from changes
    )
select
    scenario_id,
    session_date,
    session_no,
    kind,
    state,
    coalesce(state, false) and is_new and session_no > min(session_no) over () as is_entry,
    case when state is not null then session_no - spell_no + 1 end as days_in_state,
    cast(n_terms as integer) as n_terms,
    cast(n_met as integer) as n_met,
    cast(n_terms - n_met - n_unmet as integer) as n_unknown,
    evidence_term,
    known_at
from spells
order by scenario_id, session_no
