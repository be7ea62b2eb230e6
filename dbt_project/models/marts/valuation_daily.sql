-- What the headline index costs, per session and as known at its snapshot.
select
    index_id,
    session_date,
    case when status_index_earnings = 'OK' then round(index_earnings, 6) end as index_earnings,
    {% for kind, suffix in [("trailing", ""), ("forward", "_fwd")] %}
        round(pe_{{ kind }}, 6) as pe{{ suffix }},
        {{ one_zero("round(yield_" ~ kind ~ ", 6)") }} as earnings_yield{{ suffix }},
        {% for name, column in [("real", "earnings_yield_gap"), ("nominal", "nominal_spread"), ("cash", "cash_spread")] %}
            case
                when status_{{ name }}_gap_{{ kind }} = 'OK'
                then {{ one_zero("round(" ~ name ~ "_gap_" ~ kind ~ ", 6)") }}
            end as {{ column }}{{ suffix }},
        {% endfor %}
    {% endfor %}
    round(erp_implied, 6) as erp_implied,
    case when status_implied = 'OK' then implied_month end as erp_month,
    is_erp_reconstructed,
    case when status_implied_less_gap = 'OK' then {{ one_zero("round(implied_less_gap, 6)") }} end as implied_less_gap,
    round(cape, 6) as cape,
    case when status_cape = 'OK' then cape_month end as cape_month,
    is_cape_reconstructed,
    round(cape_percentile, 6) as cape_percentile_10y,
    case when status_yield_percentile = 'OK' then round(yield_percentile, 6) end as yield_percentile_10y,
    cast(n_ranked as integer) as n_sessions_ranked,
    cast(members as integer) as members,
    cast(n_trailing as integer) as n_covered,
    coalesce(coverage_trailing, 0) as coverage,
    cast(n_forward as integer) as n_covered_fwd,
    coalesce(coverage_forward, 0) as coverage_fwd,
    'EPS_EDGAR' as earnings_source,
    status_index_earnings,
    status_trailing as status_yield,
    status_pe_trailing as status_pe,
    status_real_gap_trailing as status_gap,
    status_nominal_gap_trailing as status_nominal,
    status_cash_gap_trailing as status_cash,
    status_forward as status_yield_fwd,
    status_pe_forward as status_pe_fwd,
    status_real_gap_forward as status_gap_fwd,
    status_nominal_gap_forward as status_nominal_fwd,
    status_cash_gap_forward as status_cash_fwd,
    status_implied as status_erp_implied,
    status_implied_less_gap,
    status_cape,
    status_cape_percentile,
    status_yield_percentile,
    snapshot_at as known_at
from {{ ref("int_valuation") }}
order by session_date
