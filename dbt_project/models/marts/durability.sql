-- Whether the rally of the headline index will last, as could be said at each session: five scores, their
-- composite, the verdict of the rules, and the chances over the next half year with the counts they are made of.
-- Scores are told whatever the state of the index; a verdict and chances only while a rally is open. How good the
-- chances were is told of decisions whose outcome was known by then.
{% set criteria = ["breadth", "macro", "earnings", "policy", "flows"] %}
with
    frozen as (select max(frozen_on) as frozen_on from {{ ref("durability_settings") }}),
    after_freeze as (
        select d.settles_on, count(*) as n
        from {{ ref("int_rally_decisions") }} as d
        inner join {{ ref("rally_rules") }} as r on r.rule = d.rule and r.is_default
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = d.index_id and i.role = 'headline'
        cross join frozen as f
        where d.session_date >= f.frozen_on and d.settles_on is not null
        group by d.settles_on
    ),
    joined as (
        select
            c.index_id,
            c.session_date,
            c.state,
            c.episode_id,
            c.decision_date,
            c.session_date as asked_on,
            s.* exclude (session_date, known_at),
            s.known_at as scores_known_at,
            f.* exclude (index_id, session_date),
            coalesce(sum(a.n) over (order by c.session_date rows unbounded preceding), 0) as n_after_freeze,
            -- closes older than the calendar were known with their bar
            coalesce(k.snapshot_at, i.known_at) as snapshot_at,
            i.known_at as close_known_at,
            c.state = 'RALLY' as is_rally
        from {{ ref("answer_closes") }} as c
        inner join {{ ref("answer_forecasts") }} as f on f.index_id = c.index_id and f.session_date = c.session_date
        inner join {{ ref("int_index_closes") }} as i on i.index_id = c.index_id and i.session_date = c.session_date
        left join {{ ref("int_calendar") }} as k on k.session_date = c.session_date
        left join {{ ref("answer_scores") }} as s on s.session_date = c.session_date
        left join after_freeze as a on a.settles_on = c.session_date
    )
select
    index_id,
    session_date,
    episode_id,
    decision_date,
    {% for name in criteria %} round(score_{{ name }}, 6) as score_{{ name }}, {% endfor %}
    round(composite, 6) as composite,
    n_tests,
    n_told as n_tests_told,
    n_passed as n_tests_passed,
    case when is_rally then verdict end as verdict,
    case when is_rally then is_mechanical end as is_mechanical,
    missing_inputs,
    {% for name in ["sustained", "trough_holds", "higher"] %}
        case
            kind
            when 'age_matched'
            then round(p_age_matched_{{ name }}, 6)
            when 'barrier'
            then round(p_barrier_{{ name }}, 6)
            when 'model'
            then round(p_model_{{ name }}, 6)
        end as p_{{ name }},
    {% endfor %}
    kind as probability_kind,
    benchmark as benchmark_kind,
    {% for name in ["sustained", "trough_holds", "higher"] %}
        case when is_rally then k_{{ name }} end as k_{{ name }},
    {% endfor %}
    case when is_rally then n_known end as n_known,
    round(p_age_matched_sustained, 6) as p_sustained_age_matched,
    round(p_barrier_sustained, 6) as p_sustained_barrier,
    round(p_model_sustained, 6) as p_sustained_model,
    round(slope, 6) as model_slope,
    round(e_value, 6) as e_value,
    n_bets,
    {% for kind in ["age_matched", "barrier", "model"] %}
        round(brier_{{ kind }}, 6) as brier_{{ kind }}, n_{{ kind }},
    {% endfor %}
    n_episodes,
    cast(n_after_freeze as integer) as n_after_freeze,
    {% for name in criteria %}
        case
            when n_tests is null then 'NOT_AVAILABLE' when score_{{ name }} is null then 'LOW_COVERAGE' else 'OK'
        end as status_{{ name }},
    {% endfor %}
    case
        when n_tests is null then 'NOT_AVAILABLE' when composite is null then 'LOW_COVERAGE' else 'OK'
    end as status_composite,
    case when not is_rally then 'UNDEFINED' when n_tests is null then 'NOT_AVAILABLE' else 'OK' end as status_verdict,
    case when is_rally then 'OK' else 'UNDEFINED' end as status_probability,
    case
        when not is_rally then 'UNDEFINED' when p_barrier_sustained is null then 'WARMUP' else 'OK'
    end as status_barrier,
    -- without a composite there is nothing to ask the model with; with one, it may not have learnt enough
    case
        when not is_rally
        then 'UNDEFINED'
        when p_model_sustained is not null
        then 'OK'
        when n_tests is null
        then 'NOT_AVAILABLE'
        when composite is null
        then 'LOW_COVERAGE'
        else 'WARMUP'
    end as status_model,
    greatest(snapshot_at, close_known_at, coalesce(scores_known_at, snapshot_at)) as known_at
from joined
order by index_id, session_date
