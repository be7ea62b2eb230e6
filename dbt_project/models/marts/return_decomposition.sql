-- Where the headline index's return came from, per session, over two windows; see int_return_terms.
select
    index_id,
    window_id,
    session_date,
    window_start,
    {% for name in ["price", "earnings", "pe"] %}
        {% for end in ["start", "end"] %}
            case when status = 'OK' then round({{ name }}_{{ end }}, 6) end as {{ name }}_{{ end }},
        {% endfor %}
    {% endfor %}
    {% for end in ["start", "end"] %} round(100 * yield_{{ end }}, 9) as earnings_yield_{{ end }}, {% endfor %}
    {% for end in ["start", "end"] %}
        case when status_split = 'OK' then round(100 * real_{{ end }}, 6) end as real_yield_{{ end }},
    {% endfor %}
    case when status_split = 'OK' then round(log_mean_yield, 12) end as log_mean_yield,
    {% for name in ["price", "earnings", "multiple", "real_rate", "gap", "dividend", "total"] %}
        {{ one_zero("round(log_" ~ name ~ ", 12)") }} as log_{{ name }},
    {% endfor %}
    {{ one_zero("round(residual, 12)") }} as residual,
    {{ one_zero("round(100 * total_return, 9)") }} as total_return_pp,
    {% for name in ["earnings", "real_rate", "gap", "dividend"] %}
        {{ one_zero("round(100 * points_" ~ name ~ ", 9)") }} as {{ name }}_pp,
    {% endfor %}
    case when status_share = 'OK' then {{ one_zero("round(cash_flow_share, 9)") }} end as cash_flow_share,
    cast(n_lines as integer) as n_covered,
    cast(members as integer) as members,
    coverage,
    'EPS_EDGAR' as earnings_source,
    status,
    status_split,
    status_dividend,
    status_total,
    status_share,
    known_total as known_at
from {{ ref("int_return_terms") }}
order by session_date, window_id
