-- Puts against calls of all products, of indices and of stocks, as known at each session's snapshot: the newest
-- session told by then (that of the day before), means of 5 and 21 of them, and where the mean of five stands among
-- 252. A file that came after the one of a later session counts nowhere: the next one has spoken for both. Nothing
-- is told of a session whose file had not come in time.
with
    days as (
        select p.product, c.session_no, p.session_date, p.ratio, p.known_at
        from {{ ref("stg_cboe_put_call") }} as p
        inner join {{ ref("int_calendar") }} as c on c.session_date = p.session_date
        where p.product in ('total', 'index', 'equity') and p.ratio > 0
        qualify {{ came_in_order("p.product", "p.session_date") }}
    ),
    averaged as (
        select
            *,
            {% for n in [5, 21] %}
                case
                    when count(*) over last_{{ n }} = {{ n }} then round(avg(ratio) over last_{{ n }}, 9)
                end as mean_{{ n }},
            {% endfor %}
        from days
        window
            {% for n in [5, 21] %}
                last_{{ n }} as (
                    partition by product order by session_no range between {{ n - 1 }} preceding and current row
                )
                {% if not loop.last %},{% endif %}
            {% endfor %}
    ),
    ranked as (
        select
            product,
            session_no,
            case
                when count(*) over year = 252
                then 100 * (rank(order by mean_5) over year - rank(order by mean_5 desc) over year + 252) / (2.0 * 252)
            end as pct_252
        from averaged
        where mean_5 is not null
        window year as (partition by product order by session_no rows between 251 preceding and current row)
    ),
    told as (
        select a.*, r.pct_252
        from averaged as a
        left join ranked as r on r.product = a.product and r.session_no = a.session_no
    ),
    sessions as (
        select k.session_date, k.session_no, k.snapshot_at, p.product
        from {{ ref("int_calendar") }} as k
        cross join (select distinct product from days) as p
    )
select
    s.product,
    s.session_date,
    s.session_no,
    t.session_date as observed_on,
    case when t.session_no >= s.session_no - 1 then t.ratio end as ratio,
    {% for name in ["mean_5", "mean_21", "pct_252"] %}
        case when t.session_no >= s.session_no - 1 then t.{{ name }} end as {{ name }},
        case
            when t.session_no < s.session_no - 1 then 'STALE_INPUT' when t.{{ name }} is null then 'WARMUP' else 'OK'
        end as status_{{ name }},
    {% endfor %}
    t.known_at
from sessions as s
asof join told as t on t.product = s.product and t.known_at <= s.snapshot_at
order by s.session_no, s.product
