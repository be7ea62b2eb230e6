-- The five criteria of durability at each session: the share of sub-tests that hold, where enough of them speak.
-- The composite is their mean, where enough criteria have a score. `is_mechanical` is the override: few carry the
-- rally, it is bought by force, and breadth does not confirm it.
with
    settings as (
        select
            max(value) filter (where setting = 'least_share') as least_share,
            max(value) filter (where setting = 'least_scores') as least_scores,
            max(value) filter (where setting = 'mechanical_breadth') as mechanical_breadth,
            max(value) filter (where setting = 'sustainable_from') as sustainable_from,
            max(value) filter (where setting = 'sustainable_least') as sustainable_least,
            max(value) filter (where setting = 'transient_to') as transient_to
        from {{ ref("durability_settings") }}
    ),
    criteria as (
        select
            t.session_date,
            t.criterion,
            count(*) as tests,
            count(t.is_passed) as told,
            count(*) filter (where t.is_passed) as passed,
            case
                when count(t.is_passed) >= max(s.least_share) * count(*)
                then cast(count(*) filter (where t.is_passed) as double) / count(t.is_passed)
            end as score,
            max(t.known_at) as known_at
        from {{ ref("answer_tests") }} as t
        cross join settings as s
        where t.criterion <> 'mechanical'
        group by t.session_date, t.criterion
    ),
    scored as (
        select
            session_date,
            {% for name in ["breadth", "macro", "earnings", "policy", "flows"] %}
                max(score) filter (where criterion = '{{ name }}') as score_{{ name }},
            {% endfor %}
            count(score) as n_scores,
            list_sum(list(score order by criterion) filter (where score is not null)) / count(score) as mean_score,
            min(score) as least_score,
            cast(sum(told) as integer) as n_told,
            cast(sum(passed) as integer) as n_passed,
            cast(sum(tests) as integer) as n_tests,
            max(known_at) as known_at
        from criteria
        group by session_date
    ),
    overridden as (
        select session_date, bool_and(coalesce(is_passed, false)) as is_forced
        from {{ ref("answer_tests") }}
        where criterion = 'mechanical'
        group by session_date
    ),
    absent as (
        select
            session_date,
            string_agg(
                test_id
                || ' '
                || case when is_reconstructed and status = 'NOT_AVAILABLE' then 'RECONSTRUCTED' else status end,
                ', '
                order by criterion, test_id
            ) as missing_inputs
        from {{ ref("answer_tests") }}
        where is_passed is null and criterion <> 'mechanical'
        group by session_date
    )
select
    c.session_date,
    c.score_breadth,
    c.score_macro,
    c.score_earnings,
    c.score_policy,
    c.score_flows,
    cast(c.n_scores as integer) as n_scores,
    c.n_tests,
    c.n_told,
    c.n_passed,
    case when c.n_scores >= s.least_scores then c.mean_score end as composite,
    o.is_forced and coalesce(c.score_breadth < s.mechanical_breadth, false) as is_mechanical,
    case
        when c.n_scores < s.least_scores
        then 'abstains'
        when o.is_forced and c.score_breadth < s.mechanical_breadth
        then 'transient_mechanical'
        -- shares are quotients of small counts: a billionth is room for their rounding
        when c.mean_score >= s.sustainable_from - 1e-9 and c.least_score >= s.sustainable_least - 1e-9
        then 'sustainable'
        when c.mean_score <= s.transient_to + 1e-9
        then 'transient'
        else 'unproven'
    end as verdict,
    a.missing_inputs,
    c.known_at
from scored as c
cross join settings as s
inner join overridden as o on o.session_date = c.session_date
left join absent as a on a.session_date = c.session_date
order by c.session_date
