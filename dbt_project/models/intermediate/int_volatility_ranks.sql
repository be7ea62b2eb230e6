-- Where the figures of volatility stand among those of a year (252) and of five years (1,260 sessions that have one, at
-- least 252): the share below, plus half of the ties, the session itself among them; and the median of five years.
with
    measured as (
        {% for name in ["vix", "skew", "slope_3m", "share_moved_20"] %}
            select '{{ name }}' as measure, session_no, round({{ name }}, 9) as value
            from {{ ref("int_volatility_levels") }}
            where {{ name }} is not null
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
select
    measure,
    session_no,
    {% for span, sessions, least in [("year", 252, 252), ("five", 1260, 252)] %}
        case
            when count(*) over {{ span }} >= {{ least }}
            then
                100 * (
                    rank(order by value) over {{ span }}
                    - rank(order by value desc) over {{ span }}
                    + count(*) over {{ span }}
                )
                / (2.0 * count(*) over {{ span }})
        end as pct_{{ span }},
    {% endfor %}
    count(*) over five as n_five,
    case when count(*) over five >= 252 then median(value) over five end as median_five
from measured
window
    year as (partition by measure order by session_no rows between 251 preceding and current row),
    five as (partition by measure order by session_no rows between 1259 preceding and current row)
order by measure, session_no
