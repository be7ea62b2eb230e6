-- Volatility and sentiment of each session: the volatility index family, its premium, members' volatility, correlation
-- and calls for protection: VS01 to VS10 of the indicator specification.
select
    session_date,
    round(vix, 6) as vix,
    round(vix_pct_252, 6) as vix_percentile_252,
    round(vix_pct_5y, 6) as vix_percentile_5y,
    round(vix9d, 6) as vix9d,
    round(vix3m, 6) as vix3m,
    round(vvix, 6) as vvix,
    round(slope_9d, 6) as term_slope_9d,
    round(slope_3m, 6) as term_slope_3m,
    round(skew, 6) as skew,
    round(skew_pct_252, 6) as skew_percentile_252,
    {% for product in ["equity", "index", "total"] %}
        round(put_call_{{ product }}, 6) as put_call_{{ product }},
        round(put_call_{{ product }}_pct, 6) as put_call_{{ product }}_percentile,
    {% endfor %}
    round(realised_vol_21, 6) as realised_vol_21,
    round(premium_points, 6) as vol_risk_premium,
    round(premium_variance, 6) as variance_risk_premium,
    round(median_vol, 6) as single_stock_vol,
    round(weighted_vol, 6) as single_stock_vol_weighted,
    round(share_moved, 6) as share_moved_5pct,
    case when status_implied_correlation = 'OK' then round(implied_correlation, 6) end as implied_correlation,
    case when status_realised_correlation = 'OK' then round(realised_correlation, 6) end as realised_correlation,
    case
        when status_implied_correlation = 'OK' then implied_correlation between 0 and 1
    end as is_implied_correlation_possible,
    round(dispersion, 6) as dispersion,
    is_hot as hot_names,
    round(protection, 6) as protection_demand,
    status_vix as status,
    status_pct_252 as status_percentile,
    status_pct_5y as status_percentile_5y,
    case when slope_9d is null then 'NOT_PUBLISHED' else 'OK' end as status_term_9d,
    case when slope_3m is null then 'NOT_PUBLISHED' else 'OK' end as status_term_3m,
    case when skew is null then 'NOT_PUBLISHED' else 'OK' end as status_skew,
    status_skew_pct as status_skew_percentile,
    {% for product in ["equity", "index", "total"] %}
        status_put_call_{{ product }}, status_put_call_{{ product }}_pct as status_put_call_{{ product }}_percentile,
    {% endfor %}
    status_premium as status_vol_risk_premium,
    status_vol as status_single_stock_vol,
    status_weighted as status_single_stock_vol_weighted,
    status_moved as status_share_moved,
    status_implied_correlation,
    status_realised_correlation,
    status_dispersion,
    status_hot as status_hot_names,
    status_protection as status_protection_demand,
    snapshot_at as known_at
from {{ ref("int_volatility_sessions") }}
order by session_date
