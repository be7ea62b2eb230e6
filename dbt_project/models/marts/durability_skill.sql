-- How good each way of telling a chance has been, at every session at which an outcome became known: mean squared
-- error (Brier) of the chances of "sustained", beside that of the benchmark at the same decisions. A criterion is
-- judged as the model is: one regressor on top of the benchmark, learnt from outcomes known when the rally was
-- confirmed.
{% set kinds = ["age_matched", "barrier", "benchmark", "model", "breadth", "macro", "earnings", "policy", "flows"] %}
with
    frozen as (select max(frozen_on) as frozen_on from {{ ref("durability_settings") }}),
    decided as (
        select
            d.index_id,
            d.episode_id,
            d.session_date as decision_date,
            d.settles_on,
            cast(d.is_sustained as integer) as y,
            d.session_date >= z.frozen_on as is_after_freeze,
            case
                f.benchmark when 'barrier' then f.p_barrier_sustained else f.p_age_matched_sustained
            end as p_benchmark,
            f.* exclude (index_id, session_date)
        from {{ ref("int_rally_decisions") }} as d
        inner join {{ ref("rally_rules") }} as r on r.rule = d.rule and r.is_default
        inner join {{ ref("answer_forecasts") }} as f on f.index_id = d.index_id and f.session_date = d.session_date
        cross join frozen as z
        where d.settles_on is not null
    ),
    told as (
        {% for kind in kinds %}
            select
                index_id,
                episode_id,
                decision_date,
                settles_on,
                '{{ kind }}' as kind,
                {% if kind == "benchmark" %} p_benchmark
                {% elif kind in ["age_matched", "barrier", "model"] %} p_{{ kind }}_sustained
                {% else %} p_of_{{ kind }}
                {% endif %} as p,
                p_benchmark,
                y,
                is_after_freeze
            from decided
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),
    -- sums of decimals, so exact in any order; a decision at which the kind was silent counts for neither side
    squared as (
        select
            *,
            cast(round(power(p - y, 2), 12) as decimal(18, 12)) as error,
            case
                when p is not null then cast(round(power(p_benchmark - y, 2), 12) as decimal(18, 12))
            end as of_benchmark
        from told
    ),
    settled as (
        select
            index_id,
            settles_on as session_date,
            kind,
            sum(error) as error,
            sum(of_benchmark) as of_benchmark,
            count(p) as n,
            count(distinct case when p is not null then episode_id end) filter (
                where decision_date = first_told
            ) as begun,
            sum(error) filter (where is_after_freeze) as error_after,
            count(p) filter (where is_after_freeze) as n_after
        from
            (
                select
                    *,
                    min(decision_date) filter (where p is not null) over (
                        partition by index_id, episode_id, kind
                    ) as first_told
                from squared
            )
        group by index_id, settles_on, kind
    ),
    summed as (
        select
            index_id,
            session_date,
            kind,
            sum(error) over upto as error,
            sum(of_benchmark) over upto as of_benchmark,
            sum(n) over upto as n,
            sum(begun) over upto as n_episodes,
            sum(error_after) over upto as error_after,
            sum(n_after) over upto as n_after
        from settled
        window upto as (partition by index_id, kind order by session_date rows unbounded preceding)
    )
select
    s.index_id,
    s.session_date,
    s.kind,
    case when s.n > 0 then round(cast(s.error as double) / s.n, 6) end as brier,
    case when s.n > 0 then round(cast(s.of_benchmark as double) / s.n, 6) end as brier_benchmark,
    case
        when s.of_benchmark > 0 then round(1 - cast(s.error as double) / cast(s.of_benchmark as double), 6)
    end as skill,
    cast(s.n as integer) as n_decisions,
    cast(s.n_episodes as integer) as n_episodes,
    case when s.n_after > 0 then round(cast(s.error_after as double) / s.n_after, 6) end as brier_after_freeze,
    cast(s.n_after as integer) as n_after_freeze,
    case when s.n > 0 then 'OK' else 'WARMUP' end as status,
    case when s.n_after > 0 then 'OK' else 'WARMUP' end as status_after_freeze,
    greatest(c.known_at, k.snapshot_at) as known_at
from summed as s
inner join {{ ref("int_index_closes") }} as c on c.index_id = s.index_id and c.session_date = s.session_date
left join {{ ref("int_calendar") }} as k on k.session_date = s.session_date
order by s.index_id, s.session_date, s.kind
