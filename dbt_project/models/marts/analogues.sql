-- What followed the eight earlier rallies that looked most like the running one at its age, beside what followed
-- all of them at that age, per horizon. Asked every fifth session of a rally and 21 and 63 sessions after its
-- confirmation. Only outcomes that were over by then. `heading` says whether nearness told anything when each earlier
-- rally was left out.
select
    a.index_id,
    a.session_date,
    cast(a.horizon as integer) as horizon_sessions,
    a.index_id || ':' || r.rule || ':' || a.up_confirmed_date as episode_id,
    cast(a.age as integer) as age_sessions,
    case
        when a.crps_gain is null
        then 'too few earlier rallies to judge'
        when a.crps_gain > 1.645 * a.crps_error
        then 'better than all episodes'
        else 'no better than all episodes'
    end as heading,
    cast(a.n as integer) as n,
    {% for name in ["median", "p25", "p75", "worst"] %}
        {{ one_zero("round(a." ~ name ~ ", 6)") }} as {{ name }}_move,
    {% endfor %}
    round(a.share_higher, 6) as share_higher,
    cast(a.n_all as integer) as n_all,
    {% for name in ["median", "p25", "p75", "worst"] %}
        {{ one_zero("round(a.all_" ~ name ~ ", 6)") }} as all_{{ name }}_move,
    {% endfor %}
    round(a.all_share_higher, 6) as all_share_higher,
    cast(coalesce(a.n_crps, 0) as integer) as n_crps,
    round(a.crps, 6) as crps,
    round(a.crps_all, 6) as crps_all,
    {{ one_zero("round(a.crps_gain, 6)") }} as crps_gain,
    round(a.crps_error, 6) as crps_gain_error,
    case when a.n > 0 then 'OK' else 'LOW_COVERAGE' end as status,
    case when a.n_all > 0 then 'OK' else 'WARMUP' end as status_all,
    case when a.crps is not null then 'OK' else 'WARMUP' end as status_crps,
    c.snapshot_at as known_at
from {{ ref("analogue_outcomes") }} as a
inner join {{ ref("rally_rules") }} as r on r.is_default
inner join {{ ref("int_calendar") }} as c on c.session_date = a.session_date
where a.part = 'horizon'
order by a.session_date, a.horizon
