-- Rolling Pearson correlations with Fisher intervals (XA01, XA02) and slopes of either leg on the other (XA04),
-- once per pair. A row for a session uses the window that ends at the newest session whose returns were all known
-- at its snapshot. Canonical for a pair with crypto: both legs at the equity close where that can be said, else
-- whole UTC days, lag 0.
{% set legs = ["y", "x"] %}
with
    spine as (
        select p.* exclude (first_no), c.session_no, c.session_date, c.snapshot_at
        from
            (
                select asset_x, asset_y, lag_sessions, alignment, min(session_no) as first_no
                from {{ ref("int_pair_returns") }}
                group by all
            ) as p
        inner join {{ ref("int_calendar") }} as c on c.session_no > p.first_no and c.session_date >= date '2015-01-02'
    ),
    windows_known as (
        -- a bond holiday becomes known together with the session after it: the later one counts
        select
            asset_x,
            asset_y,
            lag_sessions,
            alignment,
            known_at,
            max(session_no) as session_no,
            max(session_date) as session_date
        from {{ ref("int_pair_returns") }}
        group by all
    ),
    ends as (
        select s.*, r.session_no as window_no, r.session_date as window_end
        from spine as s
        asof left join
            windows_known as r
            on r.asset_x = s.asset_x
            and r.asset_y = s.asset_y
            and r.alignment = s.alignment
            and r.lag_sessions = s.lag_sessions
            and r.known_at <= s.snapshot_at
    ),
    known as (
        select
            e.* exclude (window_no),
            w.window_sessions,
            r.* exclude (asset_x, asset_y, alignment, lag_sessions, window_sessions, session_no, session_date)
        from ends as e
        cross join (values (20), (60), (120), (252)) as w(window_sessions)
        left join
            {{ ref("int_pair_statistics") }} as r
            on r.asset_x = e.asset_x
            and r.asset_y = e.asset_y
            and r.alignment = e.alignment
            and r.lag_sessions = e.lag_sessions
            and r.window_sessions = w.window_sessions
            and r.session_no = e.window_no
    ),
    judged as (
        select
            *,
            case
                when coalesce(n_obs, 0) < 0.9 * window_sessions then 'WARMUP' when r is null then 'UNDEFINED' else 'OK'
            end as status,
            greatest(least(r, 1 - 1e-12), -1 + 1e-12) as clipped
        from known
    ),
    at_the_close as (
        select session_no, asset_x, asset_y, window_sessions
        from judged
        where alignment = 'nyse_close' and status = 'OK'
    ),
    subsets as (
        select
            *,
            {% for leg in legs %}
                {% for side in ["up", "down"] %}
                    case
                        when status <> 'OK'
                        then status
                        when n_{{ side }}_of_{{ leg }} < 8
                        then 'LOW_COVERAGE'
                        when {{ side }}_beta_of_{{ leg }} is null
                        then 'UNDEFINED'
                        else 'OK'
                    end as status_{{ side }}_of_{{ leg }},
                {% endfor %}
            {% endfor %}
            case
                alignment
                when 'session_close'
                then true
                when 'nyse_close'
                then status = 'OK'
                else
                    lag_sessions = 0
                    and (session_no, asset_x, asset_y, window_sessions)
                    not in (select (session_no, asset_x, asset_y, window_sessions) from at_the_close)
            end as is_default
        from judged
    )
select
    session_date,
    asset_x,
    asset_y,
    window_sessions,
    alignment,
    lag_sessions,
    case when status = 'OK' then round(r, 9) end as correlation,
    case when status = 'OK' then round(tanh(atanh(clipped) - 1.96 / sqrt(n_obs - 3)), 9) end as ci_low,
    case when status = 'OK' then round(tanh(atanh(clipped) + 1.96 / sqrt(n_obs - 3)), 9) end as ci_high,
    case when status = 'OK' then round(r * r, 9) end as r2,
    case when status = 'OK' then atanh(clipped) end as fisher_z,
    {% for leg in legs %}
        case when status = 'OK' then round(beta_of_{{ leg }}, 9) end as beta_of_{{ leg }},
        case
            when status = 'OK' then round(beta_of_{{ leg }} - 1.96 * error_of_{{ leg }}, 9)
        end as beta_ci_low_of_{{ leg }},
        case
            when status = 'OK' then round(beta_of_{{ leg }} + 1.96 * error_of_{{ leg }}, 9)
        end as beta_ci_high_of_{{ leg }},
        {% for side in ["up", "down"] %}
            case
                when status_{{ side }}_of_{{ leg }} = 'OK' then round({{ side }}_beta_of_{{ leg }}, 9)
            end as {{ side }}_beta_of_{{ leg }},
            coalesce(n_{{ side }}_of_{{ leg }}, 0) as n_{{ side }}_of_{{ leg }},
            status_{{ side }}_of_{{ leg }},
        {% endfor %}
    {% endfor %}
    cast(coalesce(n_obs, 0) as bigint) as n_obs,
    window_end,
    is_default,
    status,
    snapshot_at as known_at
from subsets
order by session_date, asset_x, asset_y, window_sessions, alignment, lag_sessions
