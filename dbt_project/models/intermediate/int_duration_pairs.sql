-- Returns of long-duration stocks over the market beside the change of the 10-year real yield (basis points), for
-- sessions on which bonds traded and the session before as well. A pair is known when both are.
{% set baskets = [
    ("tech", "information_technology", "sector_etf", "broad_etf"),
] %}
with
    returns as (
        select
            i.role,
            i.sector_id,
            p.instrument_id,
            p.session_no,
            greatest(p.known_at, lag(p.known_at) over own) as known_at,
            case when p.gap_sessions = 1 then p.close_tr / lag(p.close_tr) over own - 1 end as return_1d
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id
        where p.is_traded and i.role in ('sector_etf', 'broad_etf')
        window own as (partition by p.instrument_id order by p.session_no)
    ),
    yields as (
        select
            c.session_no,
            f.known_at,
            100 * (f.value - lag(f.value) over (order by c.session_no)) as change_bp,
            c.session_no - lag(c.session_no) over (order by c.session_no) as gap_sessions
        from {{ ref("int_daily_observations") }} as f
        inner join {{ ref("int_calendar") }} as c on c.session_date = f.observation_date
        where f.series_id = 'DFII10' and f.version_no = 1 and f.value is not null
    ),
    legs as (
        {% for basket, sector, long_role, short_role in baskets %}
            select
                '{{ basket }}' as basket,
                a.session_no,
                a.return_1d - b.return_1d as excess,
                greatest(a.known_at, b.known_at) as known_at
            from returns as a
            inner join returns as b on b.session_no = a.session_no and b.role = '{{ short_role }}'
            where a.role = '{{ long_role }}' and a.sector_id = '{{ sector }}'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
select l.basket, l.session_no, y.change_bp, 100 * l.excess as excess_pct, greatest(l.known_at, y.known_at) as known_at
from legs as l
inner join yields as y on y.session_no = l.session_no and y.gap_sessions = 1
where l.excess is not null and y.change_bp is not null
order by l.basket, l.session_no
