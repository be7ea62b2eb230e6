-- Earnings of the default universe over its price, per session, from the bottom up (EPS_EDGAR): the sum of what its
-- issuers earned over the sum of what they cost, over those that have both. How much of the universe that is, the
-- trading of last quarter tells; below the floor nothing is said. The same for the four quarters ahead, from the first
-- asking for forecasts on.
{% set kinds = [("trailing", "earned"), ("forward", "expected")] %}
with
    sums as (
        select
            universe_id,
            session_no,
            session_date,
            cast(sum(n_lines) as bigint) as members,
            sum(turnover) as turnover,
            {% for kind, amount in kinds %}
                cast(sum(n_lines) filter (where {{ amount }} is not null) as bigint) as n_{{ kind }},
                sum(turnover) filter (where {{ amount }} is not null) as turnover_{{ kind }},
                cast(sum({{ amount }}) as double) as {{ amount }},
                cast(sum(size_usd) filter (where {{ amount }} is not null) as double) as size_{{ kind }},
                max({{ amount }}_known_at) filter (where {{ amount }} is not null) as known_{{ kind }},
            {% endfor %}
        from {{ ref("int_company_earnings") }}
        group by universe_id, session_no, session_date
    ),
    asked as (select min(known_at) as first_at from {{ ref("int_forecasts") }})
select
    s.universe_id,
    s.session_no,
    s.session_date,
    k.snapshot_at,
    s.members,
    s.turnover,
    {% for kind, amount in kinds %}
        coalesce(s.n_{{ kind }}, 0) as n_{{ kind }},
        100 * s.{{ amount }} / s.size_{{ kind }} as yield_{{ kind }},
        coalesce(round(cast(s.turnover_{{ kind }} as double) / nullif(s.turnover, 0), 6), 0) as coverage_{{ kind }},
        case
            {% if kind == "forward" %}
                when a.first_at is null or k.snapshot_at < a.first_at then 'NOT_AVAILABLE'
            {% endif %}
            when coalesce(s.turnover_{{ kind }} >= u.earnings_floor * s.turnover and s.turnover > 0, false)
            then 'OK'
            else 'LOW_COVERAGE'
        end as status_{{ kind }},
        coalesce(s.known_{{ kind }}, k.snapshot_at) as known_{{ kind }},
    {% endfor %}
from sums as s
inner join {{ ref("int_calendar") }} as k on k.session_no = s.session_no
inner join {{ ref("universes") }} as u on u.world = '{{ var("world") }}' and u.universe_id = s.universe_id
cross join asked as a
order by s.session_no
