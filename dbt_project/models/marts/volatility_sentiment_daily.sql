-- The volatility index family of each session: VS01, VS02, VS04, VS05 of the indicator specification.
with
    wide as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            max(v.close) filter (where v.symbol = 'VIX') as vix,
            max(v.close) filter (where v.symbol = 'VIX9D') as vix9d,
            max(v.close) filter (where v.symbol = 'VIX3M') as vix3m,
            max(v.close) filter (where v.symbol = 'VVIX') as vvix,
            max(v.close) filter (where v.symbol = 'SKEW') as skew
        from {{ ref("int_calendar") }} as c
        left join {{ ref("int_volatility_closes") }} as v on v.session_date = c.session_date
        where c.session_date >= (select min(session_date) from {{ ref("int_volatility_closes") }})
        group by c.session_date, c.session_no, c.snapshot_at
    ),
    ranked as (
        select
            w.*,
            count(vix) over past as n_252,
            -- share of the window below, plus half of the ties (today among them)
            rank(order by vix) over past - 1 as below,
            rank(order by vix desc) over past - 1 as above
        from wide as w
        where vix is not null
        window past as (order by session_no rows between 251 preceding and current row)
    ),
    realised as (
        select
            session_date,
            case
                when count(log_return) over past = 21 then 100 * sqrt(252) * stddev_samp(log_return) over past
            end as realised_vol_21
        from {{ ref("int_headline_returns") }}
        window past as (order by session_no rows between 20 preceding and current row)
    ),
    joined as (
        select
            w.*,
            r.n_252,
            case when r.n_252 = 252 then 100 * (r.below + 0.5 * (r.n_252 - r.below - r.above)) / r.n_252 end as pct_252,
            h.realised_vol_21
        from wide as w
        left join ranked as r on r.session_date = w.session_date
        left join realised as h on h.session_date = w.session_date
    )
select
    session_date,
    round(vix, 6) as vix,
    round(pct_252, 6) as vix_percentile_252,
    round(vix9d, 6) as vix9d,
    round(vix3m, 6) as vix3m,
    round(vvix, 6) as vvix,
    round(vix / nullif(vix9d, 0) - 1, 6) as term_slope_9d,
    round(vix3m / nullif(vix, 0) - 1, 6) as term_slope_3m,
    round(skew, 6) as skew,
    round(realised_vol_21, 6) as realised_vol_21,
    round(vix - realised_vol_21, 6) as vol_risk_premium,
    case when vix is null then 'NOT_PUBLISHED' else 'OK' end as status,
    case when vix is null then 'NOT_PUBLISHED' when pct_252 is null then 'WARMUP' else 'OK' end as status_percentile,
    case when vix / nullif(vix9d, 0) is null then 'NOT_PUBLISHED' else 'OK' end as status_term_9d,
    case when vix3m / nullif(vix, 0) is null then 'NOT_PUBLISHED' else 'OK' end as status_term_3m,
    case when skew is null then 'NOT_PUBLISHED' else 'OK' end as status_skew,
    case
        when vix is null then 'NOT_PUBLISHED' when realised_vol_21 is null then 'WARMUP' else 'OK'
    end as status_vol_risk_premium,
    snapshot_at as known_at
from joined
order by session_date
