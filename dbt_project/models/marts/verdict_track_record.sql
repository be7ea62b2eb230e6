-- What was said of each rally of the headline index, at its confirmation and at a few ages, beside what followed.
-- The right side is empty until the horizon has passed, and so is the known past of a young home on the left.
{% set criteria = ["breadth", "macro", "earnings", "policy", "flows"] %}
with frozen as (select max(frozen_on) as frozen_on from {{ ref("durability_settings") }})
select
    d.index_id,
    d.episode_id,
    d.age,
    d.session_date,
    s.verdict,
    s.composite,
    s.p_sustained,
    s.p_trough_holds,
    s.p_higher,
    s.probability_kind,
    case s.benchmark_kind when 'barrier' then s.p_sustained_barrier else s.p_sustained_age_matched end as p_benchmark,
    s.p_sustained_age_matched,
    s.p_sustained_barrier,
    s.p_sustained_model,
    {% for name in criteria %} round(f.p_of_{{ name }}, 6) as p_of_{{ name }}, {% endfor %}
    s.k_sustained,
    s.k_trough_holds,
    s.k_higher,
    s.n_known,
    d.session_date >= z.frozen_on as is_after_freeze,
    d.settles_on,
    d.is_sustained,
    d.trough_holds,
    d.is_higher,
    round(
        power(
            case
                f.kind
                when 'age_matched'
                then f.p_age_matched_sustained
                when 'barrier'
                then f.p_barrier_sustained
                when 'model'
                then f.p_model_sustained
            end
            - cast(d.is_sustained as integer),
            2
        ),
        6
    ) as squared_error,
    s.status_verdict,
    s.status_composite,
    s.status_barrier,
    s.status_model,
    case when d.settles_on is null then 'WARMUP' else 'OK' end as status_outcome,
    greatest(s.known_at, coalesce(k.snapshot_at, s.known_at)) as known_at
from {{ ref("int_rally_decisions") }} as d
inner join {{ ref("rally_rules") }} as r on r.rule = d.rule and r.is_default
inner join {{ ref("durability") }} as s on s.index_id = d.index_id and s.session_date = d.session_date
inner join {{ ref("answer_forecasts") }} as f on f.index_id = d.index_id and f.session_date = d.session_date
cross join frozen as z
left join {{ ref("int_calendar") }} as k on k.session_date = d.settles_on
order by d.index_id, d.session_date
