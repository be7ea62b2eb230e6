-- The sessions at which a rally is judged: the close that confirmed it and a few ages after (seed), while it is
-- open; and what followed over the horizon. `settles_on` is the session at whose close the outcome is known;
-- without it the outcome is not known yet. Ages and the horizon count closes of the index.
with
    horizons as (
        select cast(value as integer) as horizon from {{ ref("durability_settings") }} where setting = 'horizon'
    ),
    closes as (
        select
            i.*,
            row_number() over path as close_no,
            min(close_ticks) over (path rows between 1 following and horizon following) as least_ticks,
            lead(close_ticks, horizon) over path as end_ticks,
            lead(session_date, horizon) over path as settles_on
        from {{ ref("int_index_closes") }} as i
        cross join horizons
        window path as (partition by index_id order by session_date)
    ),
    ages as (
        select cast(value as integer) as age from {{ ref("durability_settings") }} where setting like 'decision_age%'
    ),
    open_days as (
        select
            s.index_id,
            s.rule,
            s.session_date,
            s.up_confirmed_date,
            s.low_date,
            c.close_no,
            c.close_no - u.close_no as age
        from {{ ref("int_rally_states") }} as s
        inner join closes as c on c.index_id = s.index_id and c.session_date = s.session_date
        inner join closes as u on u.index_id = s.index_id and u.session_date = s.up_confirmed_date
        where s.state = 'RALLY'
    )
select
    d.index_id,
    d.rule,
    d.index_id || ':' || d.rule || ':' || d.up_confirmed_date as episode_id,
    d.session_date,
    cast(d.age as integer) as age,
    d.up_confirmed_date,
    d.low_date as trough_date,
    cast(d.close_no as integer) as close_no,
    t.close_ticks as trough_ticks,
    c.close_ticks,
    c.settles_on,
    case when c.settles_on is not null then c.least_ticks > t.close_ticks end as trough_holds,
    case when c.settles_on is not null then c.end_ticks >= c.close_ticks end as is_higher,
    case
        when c.settles_on is not null then c.least_ticks > t.close_ticks and c.end_ticks >= c.close_ticks
    end as is_sustained,
    c.known_at
from open_days as d
inner join ages as a on a.age = d.age
inner join closes as c on c.index_id = d.index_id and c.session_date = d.session_date
inner join closes as t on t.index_id = d.index_id and t.session_date = d.low_date
order by d.index_id, d.rule, d.session_date
