-- Volatility of the index and of its members as each evening showed it, one row per session since the first close of a
-- volatility index, in percent or in points of the indices. What is made by comparing evenings:
-- int_volatility_sessions.
{% set indices = [("vix", "VIX"), ("vix9d", "VIX9D"), ("vix3m", "VIX3M"), ("vvix", "VVIX"), ("skew", "SKEW")] %}
with
    levels as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            {% for name, symbol in indices %}
                max(v.close) filter (where v.symbol = '{{ symbol }}') as {{ name }},
                max(v.known_at) filter (where v.symbol = '{{ symbol }}') as {{ name }}_known_at,
            {% endfor %}
        from {{ ref("int_calendar") }} as c
        left join {{ ref("int_volatility_closes") }} as v on v.session_date = c.session_date
        where c.session_date >= (select min(session_date) from {{ ref("int_volatility_closes") }})
        group by c.session_date, c.session_no, c.snapshot_at
    ),
    realised as (
        select
            index_id,
            session_date,
            case
                when count(log_return) over past = 21
                then round(100 * sqrt(252) * stddev_samp(log_return) over past, 12)
            end as realised_vol_21,
            max(known_at) over (order by session_no rows between 21 preceding and current row) as realised_known_at
        from {{ ref("int_headline_returns") }}
        window past as (order by session_no rows between 20 preceding and current row)
    ),
    joined as (
        select
            l.*,
            l.vix - lag(l.vix, 5) over own as vix_d5,
            greatest(l.vix_known_at, lag(l.vix_known_at, 5) over own) as vix_d5_known_at,
            l.vix / nullif(l.vix9d, 0) - 1 as slope_9d,
            l.vix3m / nullif(l.vix, 0) - 1 as slope_3m,
            r.realised_vol_21,
            r.realised_known_at,
            m.universe_id,
            m.members,
            m.with_return,
            m.with_vol,
            m.weighed_vol,
            m.weighed_return,
            coalesce(m.status_moved, 'NOT_AVAILABLE') as status_moved,
            coalesce(m.status_vol, 'NOT_AVAILABLE') as status_vol,
            coalesce(m.status_weighted, 'NOT_AVAILABLE') as status_weighted,
            coalesce(m.status_dispersion, 'NOT_AVAILABLE') as status_dispersion,
            m.status_weights,
            m.known_at as members_known_at,
            m.weighed_known_at,
            case when m.status_moved = 'OK' then m.share_moved end as share_moved,
            case when m.status_vol = 'OK' then 100 * m.median_vol end as median_vol,
            case when m.status_weighted = 'OK' then 100 * m.weighted_vol end as weighted_vol,
            case when m.status_weighted = 'OK' then 10000 * m.square_of_parts end as square_of_parts,
            case when m.status_dispersion = 'OK' then 100 * m.dispersion end as dispersion
        from levels as l
        left join realised as r on r.session_date = l.session_date
        left join {{ ref("int_member_volatility") }} as m on m.session_no = l.session_no
        window own as (order by l.session_no)
    )
select *, case when count(share_moved) over month = 20 then avg(share_moved) over month end as share_moved_20
from joined
window month as (order by session_no rows between 19 preceding and current row)
