-- Days the calendar calls a session on which nothing was traded as far as anybody says: no index, no volatility
-- index, and not one in twenty of the stocks and funds that have a price on the day before, although both vendors of
-- prices have spoken about a later day. An unplanned closure looks like this (mourning, a storm). A day that one
-- vendor lost is none: the other has it. Nor is the newest day, before the next session's answers are in. Futures,
-- currencies and crypto trade on when the exchange is shut, so they say nothing.
with
    elsewhere as (
        select symbol
        from {{ ref("instruments") }}
        where world = '{{ var("world") }}' and symbol is not null and asset_class in ('future', 'fx', 'crypto')
    ),
    indices as (
        select symbol from {{ ref("instruments") }} where world = '{{ var("world") }}' and asset_class = 'index'
    ),
    prices as (
        select
            session_date,
            count(*) filter (symbol in (select symbol from indices)) as indices,
            -- a bar without volume is the price of the day before, carried
            count(*) filter (symbol not in (select symbol from indices) and volume > 0) as securities
        from {{ ref("stg_yahoo_bars") }}
        where symbol not in (select symbol from elsewhere)
        group by session_date
    ),
    levels as (select session_date from {{ ref("stg_cboe_index_history") }} where close > 0 group by session_date),
    reach as (
        -- of a vendor that has said nothing at all there is no reach, and no closure is suspected
        select max(first_day) as first_day, min(last_day) as last_day
        from
            (
                select min(session_date) as first_day, max(session_date) as last_day
                from prices
                where indices > 0
                union all
                select min(session_date), max(session_date)
                from levels
            )
        having count(first_day) = 2
    ),
    quiet as (
        select c.date as session_date, coalesce(p.securities, 0) as securities
        from {{ ref("calendar") }} as c
        inner join reach as r on c.date > r.first_day and c.date < r.last_day
        left join prices as p on p.session_date = c.date
        where c.is_session and coalesce(p.indices, 0) = 0 and c.date not in (select session_date from levels)
    )
select q.session_date, q.securities, b.securities as securities_before
from quiet as q
asof left join (select session_date, securities from prices where indices > 0) as b on b.session_date < q.session_date
where q.securities <= 0.05 * b.securities
order by q.session_date
