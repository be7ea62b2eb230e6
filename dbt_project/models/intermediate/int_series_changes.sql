-- Change of each macro series as known: today's known value minus the value known 20, 60 and 126 sessions ago.
-- Without one of the two it says why: the reason of today's, else that of the value then, else the series began
-- since.
select
    series_id,
    session_date,
    session_no,
    value,
    observation_date,
    released_at,
    snapshot_at,
    status,
    {% for n in [20, 60, 126] %}
        value - lag(value, {{ n }}) over own as change_{{ n }},
        case
            when status <> 'OK'
            then status
            when lag(value, {{ n }}) over own is not null
            then 'OK'
            when lag(status, {{ n }}) over own in ('STALE_INPUT', 'SUSPECT_INPUT')
            then lag(status, {{ n }}) over own
            else 'WARMUP'
        end as status_{{ n }},
        count(value) over (
            partition by series_id order by session_no rows between {{ n }} preceding and current row
        ) as n_{{ n }}
        {% if not loop.last %}, {% endif %}
    {% endfor %}
from {{ ref("int_series_as_known") }}
window own as (partition by series_id order by session_no)
order by session_date, series_id
