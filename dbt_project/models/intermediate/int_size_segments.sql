-- Size segments of each universe, our own and point in time: at the last session of a calendar quarter its members are
-- ranked by the median of close x volume over that quarter; the thirds hold for the sessions of the next quarter.
-- Whoever joins during a quarter has no size until the next ranking.
with
    quarters as (
        select
            quarter as ranked_quarter,
            max(session_date) as ranked_on,
            lead(quarter) over (order by quarter) as quarter,
            lead(min(session_date)) over (order by quarter) as valid_from,
            lead(min(session_date), 2) over (order by quarter) as valid_to
        from {{ ref("int_calendar") }}
        group by quarter
    ),
    turnover as (
        -- whole dollars: a split, which changes price and volume against each other, changes no rank
        select
            p.instrument_id,
            c.quarter,
            median(cast(round(p.close * p.volume) as bigint)) as median_turnover_usd,
            count(*) as sessions_traded
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_calendar") }} as c on c.session_date = p.session_date
        where p.asset_class = 'stock' and p.is_traded and p.volume > 0
        group by p.instrument_id, c.quarter
    ),
    ranked as (
        select
            m.universe_id,
            m.instrument_id,
            q.quarter,
            q.ranked_quarter,
            q.ranked_on,
            q.valid_from,
            q.valid_to,
            t.median_turnover_usd,
            t.sessions_traded,
            ntile(3) over (
                partition by m.universe_id, q.quarter order by t.median_turnover_usd desc, m.instrument_id
            ) as third
        from quarters as q
        inner join {{ ref("int_membership") }} as m on {{ holds_at("m", "q.ranked_on") }}
        inner join turnover as t on t.instrument_id = m.instrument_id and t.quarter = q.ranked_quarter
        where q.quarter is not null
    )
select
    universe_id,
    instrument_id,
    quarter,
    case third when 1 then 'size_large' when 2 then 'size_mid' else 'size_small' end as segment_id,
    ranked_quarter,
    ranked_on,
    valid_from,
    valid_to,
    median_turnover_usd,
    sessions_traded
from ranked
order by universe_id, quarter, instrument_id
