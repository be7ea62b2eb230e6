-- Rolling Pearson correlation of log returns with Fisher intervals (XA01, XA02), once per pair. A row for a session
-- uses
-- the window that ends at the newest session whose returns were all known at its snapshot.
{% set windows = [20, 60, 120, 252] %}
with
    rolled as (
        {% for n in windows %}
            select
                asset_x,
                asset_y,
                lag_sessions,
                alignment,
                session_no,
                session_date,
                known_at,
                {{ n }} as window_sessions,
                count(*) filter (where return_x is not null and return_y is not null) over past_{{ n }} as n_obs,
                -- DuckDB's corr raises on infinities and gives NaN for a constant leg; both are UNDEFINED here
                corr(
                    case when return_y is not null then return_x end, case when return_x is not null then return_y end
                ) over past_{{ n }} as r
            from {{ ref("int_pair_returns") }}
            window
                past_{{ n }} as (
                    partition by asset_x, asset_y, lag_sessions
                    order by session_no rows between {{ n - 1 }} preceding and current row
                )
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),
    spine as (
        select p.*, c.session_no, c.session_date, c.snapshot_at, w.window_sessions
        from
            (
                select asset_x, asset_y, lag_sessions, alignment, min(session_no) as first_no
                from {{ ref("int_pair_returns") }}
                group by all
            ) as p
        inner join {{ ref("int_calendar") }} as c on c.session_no > p.first_no and c.session_date >= date '2015-01-02'
        cross join
            (values {% for n in windows %} ({{ n }}) {% if not loop.last %}, {% endif %} {% endfor %}) as w(
                window_sessions
            )
    ),
    known as (
        select s.* exclude (first_no), r.n_obs, r.r, r.session_date as window_end
        from spine as s
        asof left join
            rolled as r
            on r.asset_x = s.asset_x
            and r.asset_y = s.asset_y
            and r.lag_sessions = s.lag_sessions
            and r.window_sessions = s.window_sessions
            and r.known_at <= s.snapshot_at
    ),
    judged as (
        select
            *,
            case
                when coalesce(n_obs, 0) < 0.9 * window_sessions
                then 'WARMUP'
                when r is null or isnan(r)
                then 'UNDEFINED'
                else 'OK'
            end as status,
            greatest(least(r, 1 - 1e-12), -1 + 1e-12) as clipped
        from known
    )
select
    session_date,
    asset_x,
    asset_y,
    window_sessions,
    alignment,
    lag_sessions,
    case when status = 'OK' then round(greatest(least(r, 1), -1), 9) end as correlation,
    case when status = 'OK' then round(tanh(atanh(clipped) - 1.96 / sqrt(n_obs - 3)), 9) end as ci_low,
    case when status = 'OK' then round(tanh(atanh(clipped) + 1.96 / sqrt(n_obs - 3)), 9) end as ci_high,
    coalesce(n_obs, 0) as n_obs,
    window_end,
    lag_sessions = 0 as is_default,
    status,
    snapshot_at as known_at
from judged
order by session_date, asset_x, asset_y, window_sessions, lag_sessions
