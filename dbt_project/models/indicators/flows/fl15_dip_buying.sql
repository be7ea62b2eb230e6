-- FL15: proxies of dip buying over 252 sessions. What the headline index did on the session after one on which it lost
-- 1 % or more (mean), and after any on which it fell (sum), beside what a random walk of the same drift would have made
-- of as many sessions. And whether broad US equity funds got more on the session after such a dip than on others, in
-- deviations of their daily flow: the flow of that session is told on the one after it, and counts three sessions later
-- still, when it is known whether it was a heartbeat. Five dips at least.
{# a unit test takes a year short enough to read -#}
{% set span, dips = var("dip_span", 252), var("dip_least", 5) %}
{% set least = (0.9 * span) | round(0, "ceil") | int %}
with
    levels as (
        select
            index_id,
            session_no,
            session_date,
            known_at,
            case
                when log_return is not null and lag(session_no) over own = session_no - 1
                then 100 * (close_ticks / cast(lag(close_ticks) over own as double) - 1)
            end as move
        from {{ ref("int_headline_returns") }}
        window own as (order by session_no)
    ),
    pairs as (
        select
            *,
            case
                when move is not null and lag(session_no) over own = session_no - 1 then lag(move) over own
            end as before,
            case when lag(session_no, 2) over own = session_no - 2 then lag(move, 2) over own end as before_2
        from levels
        window own as (order by session_no)
    ),
    summed as (
        select
            *,
            row_number() over (order by session_no) as held,
            count(before) over year as n_pairs,
            count(*) filter (where before <= -1) over year as n_dips,
            avg(move) filter (where before <= -1) over year as after_dips,
            sum(move) filter (where before < 0) over year as after_falls,
            nullif(count(*) filter (where before < 0) over year, 0)
            * avg(move) filter (where before is not null) over year as walk,
            max(known_at) over (
                order by session_no rows between {{ span + 1 }} preceding and current row
            ) as newest_known_at
        from pairs
        window year as (order by session_no rows between {{ span - 1 }} preceding and current row)
    ),
    flows as (
        select
            f.session_no,
            case
                when f.n_flows > 0 then cast(f.clean_cents as double) / nullif(cast(f.aum_before as double), 0)
            end as share,
            p.before_2 <= -1 as is_after_dip,
            f.known_at
        from {{ ref("int_category_flows") }} as f
        left join pairs as p on p.session_no = f.session_no
        where f.fund_group = 'equity'
    ),
    compared as (
        select
            session_no,
            row_number() over (order by session_no) as held,
            count(share) filter (where is_after_dip is not null) over year as n_days,
            count(share) filter (where is_after_dip) over year as n_dips,
            avg(share) filter (where is_after_dip) over year as mean_dips,
            avg(share) filter (where not is_after_dip) over year as mean_others,
            stddev_samp(share) filter (where is_after_dip is not null) over year as deviation,
            known_at
        from flows
        window year as (order by session_no rows between {{ span - 1 }} preceding and current row)
    ),
    told as (
        select
            s.*,
            case
                when s.held < {{ span + 2 }} then 'WARMUP' when s.n_pairs < {{ least }} then 'LOW_COVERAGE' else 'OK'
            end as status_index,
            now.age,
            c.held as held_flows,
            c.n_days,
            c.n_dips as n_dips_flows,
            (c.mean_dips - c.mean_others) / nullif(c.deviation, 0) as flow_z,
            c.deviation,
            c.known_at as flows_known_at
        from summed as s
        left join {{ ref("int_category_flows") }} as now on now.session_no = s.session_no and now.fund_group = 'equity'
        left join compared as c on c.session_no = s.session_no - 3
    ),
    readings as (
        {% for id, value in [
            ("FL15_payoff", "after_dips"),
            ("FL15_after_falls", "after_falls"),
            ("FL15_random_walk", "walk"),
        ] %}
            select
                '{{ id }}' as reading_id,
                index_id as entity_id,
                session_date,
                session_date as obs_period,
                {{ value }} as value,
                {% if id == "FL15_payoff" %}
                    case
                        when status_index = 'OK' and n_dips < {{ dips }} then 'LOW_COVERAGE' else status_index
                    end as status,
                    n_dips as n_used,
                    {{ dips }} as n_expected,
                {% else %} status_index as status, n_pairs as n_used, {{ span }} as n_expected,
                {% endif %}
                newest_known_at as known_at
            from told
            union all
        {% endfor %}
        select
            'FL15_flow',
            'equity_us',
            session_date,
            session_date,
            flow_z,
            case
                when age > 3
                then 'STALE_INPUT'
                when held_flows is null or held_flows < {{ span }}
                then 'WARMUP'
                when n_days < {{ least }} or n_dips_flows < {{ dips }}
                then 'LOW_COVERAGE'
                when not deviation > 1e-12
                then 'UNDEFINED'
                else 'OK'
            end,
            coalesce(n_dips_flows, 0),
            {{ dips }},
            greatest(newest_known_at, flows_known_at)
        from told
        where age is not null
    )
    {{ readings("readings", "FL15") }}
