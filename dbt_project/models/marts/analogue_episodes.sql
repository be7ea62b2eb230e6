-- The eight earlier rallies that looked most like the running one at its age, nearest first, and what followed each.
select
    a.index_id,
    a.session_date,
    cast(a.rank as integer) as rank,
    a.index_id || ':' || r.rule || ':' || a.up_confirmed_date as episode_id,
    cast(a.age as integer) as age_sessions,
    a.index_id || ':' || r.rule || ':' || a.other_confirmed_date as analogue_episode_id,
    a.other_confirmed_date as analogue_confirmed_date,
    round(a.distance, 6) as distance,
    cast(a.n_features as integer) as n_features,
    {% for h in [21, 63, 126, 252] %} {{ one_zero("round(a.move_" ~ h ~ ", 6)") }} as move_{{ h }}d, {% endfor %}
    'OK' as status,
    case when a.move_252 is not null then 'OK' else 'WARMUP' end as status_252d,
    c.snapshot_at as known_at
from {{ ref("analogue_outcomes") }} as a
inner join {{ ref("rally_rules") }} as r on r.is_default
inner join {{ ref("int_calendar") }} as c on c.session_date = a.session_date
where a.part = 'episode'
order by a.session_date, a.rank
