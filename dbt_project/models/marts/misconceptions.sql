-- Beliefs about rallies as statistics, per session: computed at the first session of the month (that of single reasons
-- every session, from the precedents), held against what would make the belief true. `supported` where the whole
-- interval is on that side, `not_supported` where none of it is, else `undecided`.
with
    sessions as (
        select h.session_date, h.session_no, c.snapshot_at
        from {{ ref("int_headline_returns") }} as h
        inner join {{ ref("int_calendar") }} as c on c.session_date = h.session_date
        where h.session_date >= date '2015-01-02'
    ),
    monthly as (
        select
            l.misconception_id,
            s.session_date,
            k.session_date as computed_on,
            k.value,
            k.ci_low,
            k.ci_high,
            k.p_value,
            k.n,
            k.n_all,
            k.is_reconstructed
        from sessions as s
        cross join {{ ref("misconception_list") }} as l
        asof left join
            {{ ref("misconception_statistics") }} as k
            on k.misconception_id = l.misconception_id
            and k.session_no <= s.session_no
        where l.subject <> 'precedent'
    ),
    compared as (
        select
            l.misconception_id,
            w.session_date,
            w.session_date as computed_on,
            w.difference as value,
            w.difference_low as ci_low,
            w.difference_high as ci_high,
            w.p_value,
            least(w.n, o.n) as n,
            w.n + o.n as n_all,
            false as is_reconstructed
        from {{ ref("precedents") }} as w
        inner join
            {{ ref("precedents") }} as o
            on o.precedent_id = w.precedent_id
            and o.session_date = w.session_date
            and o.group_id = 'without'
        inner join {{ ref("misconception_list") }} as l on l.subject = 'precedent'
        where w.precedent_id = 'many_drivers' and w.group_id = 'with'
    ),
    everything as (
        select *
        from monthly
        union all by name
        select *
        from compared
    ),
    ranked as (select *, {{ p_ranked("p_value", "session_date", "misconception_id") }} as p_of_rank from everything),
    joined as (
        select
            r.*,
            {{ q_value("r.p_of_rank", "r.p_value", "r.session_date", "r.misconception_id") }} as q_value,
            l.* exclude (misconception_id),
            s.snapshot_at,
            case
                l.true_op
                when '>'
                then r.ci_low > l.true_at
                when '<'
                then r.ci_high < l.true_at
                when '<='
                then r.ci_high <= l.true_at
            end as is_true,
            case
                l.true_op
                when '>'
                then r.ci_high <= l.true_at
                when '<'
                then r.ci_low >= l.true_at
                when '<='
                then r.ci_low > l.true_at
            end as is_false
        from ranked as r
        inner join {{ ref("misconception_list") }} as l on l.misconception_id = r.misconception_id
        inner join sessions as s on s.session_date = r.session_date
    )
select
    misconception_id,
    session_date,
    statement,
    statistic,
    {{ one_zero("round(value, 6)") }} as value,
    {{ one_zero("round(ci_low, 6)") }} as ci_low,
    {{ one_zero("round(ci_high, 6)") }} as ci_high,
    true_op,
    true_at,
    benchmark,
    cast(coalesce(n, 0) as integer) as n,
    cast(coalesce(n_all, 0) as integer) as n_overlapping,
    round(p_value, 4) as p_value,
    round(q_value, 4) as q_value,
    case
        when value is null
        then 'no_data'
        when true_op is null
        then 'context'
        when n < least_n
        then 'too_few'
        when is_true
        then 'supported'
        when is_false
        then 'not_supported'
        else 'undecided'
    end as verdict,
    computed_on,
    coalesce(is_reconstructed, false) as is_reconstructed,
    case when value is not null then 'OK' else 'WARMUP' end as status,
    case when ci_low is not null then 'OK' else 'WARMUP' end as status_interval,
    case when p_value is not null then 'OK' else 'UNDEFINED' end as status_test,
    snapshot_at as known_at
from joined
order by session_date, sort_order
