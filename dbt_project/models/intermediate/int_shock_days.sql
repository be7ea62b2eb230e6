-- What shocks are told from: by how much the 2-, 5- and 10-year yield (basis points) and the headline index (100 times
-- its log return) moved from one session to the next. A yield is the one first published. On a bond holiday stocks
-- trade and yields do not: they count as unmoved then, and the next session has their whole move. A session that lacks
-- a yield for another reason has no row, and the next one stands for both. Before the calendar's first day a yield
-- counts as known the day after, and a session without one as a bond holiday.
with
    yields as (
        select
            observation_date,
            {% for id in ["DGS2", "DGS5", "DGS10"] %}
                max(value) filter (where series_id = '{{ id }}') as {{ id }},
            {% endfor %}
            max(known_at) as known_at
        from {{ ref("int_daily_observations") }}
        where version_no = 1 and series_id in ('DGS2', 'DGS5', 'DGS10')
        group by observation_date
        having count(distinct series_id) = 3
    ),
    joined as (
        select
            c.index_id,
            c.session_date,
            c.session_no,
            c.close_ticks,
            {% for id in ["dgs2", "dgs5", "dgs10"] %}
                last_value(y.{{ id }} ignore nulls) over so_far as {{ id }},
            {% endfor %}
            y.observation_date is null and coalesce(k.is_bond_day, false) as is_hole,
            greatest(
                c.known_at,
                case
                    when k.session_date is null
                    then cast(c.session_date + interval 1 day as timestamptz)
                    else y.known_at
                end
            ) as known_at
        from {{ ref("int_index_closes") }} as c
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = c.index_id and i.role = 'headline'
        left join yields as y on y.observation_date = c.session_date
        left join {{ ref("int_calendar") }} as k on k.session_date = c.session_date
        window so_far as (partition by c.index_id order by c.session_no rows unbounded preceding)
    )
select
    index_id,
    session_date,
    session_no,
    lag(session_no) over days as previous_no,
    {% for tenor in [2, 5, 10] %}
        100 * (dgs{{ tenor }} - lag(dgs{{ tenor }}) over days) as change_{{ tenor }}y_bp,
    {% endfor %}
    100 * ln(close_ticks / cast(lag(close_ticks) over days as double)) as log_return,
    greatest(known_at, lag(known_at) over days) as known_at
from joined
where dgs2 is not null and not is_hole
window days as (partition by index_id order by session_no)
order by index_id, session_no
