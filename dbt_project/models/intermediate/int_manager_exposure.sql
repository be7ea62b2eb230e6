-- What active managers say they have in stocks, as known at each session: the newest survey told by then, first
-- figures, beside those of 52 and of 156 weeks: the share below it with half of the equal ones, itself among them
-- (percentile), and its distance from those before it in deviations (z). Nine in ten weeks are needed. A survey that
-- came after the next one is left out, and so is a second one of a week. On time the newest is at most nine days
-- old; it counts for 14.
{% set spans = [52, 156] %}
with
    told as (
        select observed_on, exposure, known_at, date_diff('week', date '2000-01-03', observed_on) as week_no
        from {{ ref("stg_naaim_exposure") }}
        where version_no = 1
        qualify {{ came_in_order("1", "observed_on") }}
    ),
    weekly as (
        select * from told qualify row_number() over (partition by week_no order by known_at, observed_on desc) = 1
    ),
    compared as (
        select
            observed_on,
            exposure,
            known_at,
            week_no,
            min(week_no) over () as first_week,
            {% for n in spans %}
                count(*) over past_{{ n }} as n_{{ n }},
                count(*) over before_{{ n }} as n_before_{{ n }},
                rank(order by exposure) over past_{{ n }} - 1 as below_{{ n }},
                rank(order by exposure desc) over past_{{ n }} - 1 as above_{{ n }},
                list_avg(list(exposure) over before_{{ n }}) as mean_{{ n }},
                list_stddev_samp(list(exposure) over before_{{ n }}) as deviation_{{ n }},
            {% endfor %}
        from weekly
        window
            {% for n in spans %}
                past_{{ n }} as (order by week_no range between {{ n - 1 }} preceding and current row),
                before_{{ n }} as (order by week_no range between {{ n }} preceding and 1 preceding)
                {% if not loop.last %}, {% endif %}
            {% endfor %}
    ),
    judged as (
        select
            observed_on,
            exposure,
            known_at,
            {% for n in spans %}
                n_{{ n }},
                n_before_{{ n }},
                100
                * (below_{{ n }} + 0.5 * (n_{{ n }} - below_{{ n }} - above_{{ n }}))
                / n_{{ n }} as percentile_{{ n }},
                case when deviation_{{ n }} > 1e-12 then (exposure - mean_{{ n }}) / deviation_{{ n }} end as z_{{ n }},
                case
                    when n_{{ n }} >= 0.9 * {{ n }}
                    then 'OK'
                    when first_week > week_no - {{ n - 1 }}
                    then 'WARMUP'
                    else 'LOW_COVERAGE'
                end as status_percentile_{{ n }},
                case
                    when n_before_{{ n }} >= 0.9 * {{ n }}
                    then 'OK'
                    when first_week > week_no - {{ n }}
                    then 'WARMUP'
                    else 'LOW_COVERAGE'
                end as status_z_{{ n }},
            {% endfor %}
        from compared
    )
select
    c.session_date,
    c.session_no,
    j.*,
    case when c.session_date - j.observed_on <= 14 then 'OK' else 'STALE_INPUT' end as status
from {{ ref("int_calendar") }} as c
asof inner join judged as j on j.known_at <= c.snapshot_at
order by c.session_no
