-- Valuation of the headline index per session, as known at its snapshot: price over earnings, the earnings yield, what
-- it leaves over other yields, the premium and the ratio that others estimate, and where yield and ratio stand in ten
-- years. Each figure has its own status, and the moment its newest input was known.
{% set others = [("real", "DFII10"), ("nominal", "DGS10"), ("cash", "DGS3MO")] %}
{% set kinds = ["trailing", "forward"] %}
{% set least_sessions = 1260 %}
with
    rates as (
        select
            session_no,
            {% for name, id in others %}
                max(value) filter (where series_id = '{{ id }}') as {{ name }},
                max(status) filter (where series_id = '{{ id }}') as status_{{ name }},
                max(released_at) filter (where series_id = '{{ id }}') as known_{{ name }},
            {% endfor %}
        from {{ ref("int_series_as_known") }}
        where series_id in ({% for _, id in others %}'{{ id }}'{% if not loop.last %}, {% endif %} {% endfor %})
        group by session_no
    ),
    closes as (
        select p.session_no, p.close
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id and i.role = 'headline'
        where p.doubt is null
    ),
    ranked as (
        select
            session_no,
            count(*) over past as n,
            rank(order by yield_trailing) over past - 1 as below,
            rank(order by yield_trailing desc) over past - 1 as above
        from {{ ref("int_earnings_yields") }}
        where status_trailing = 'OK'
        window past as (order by session_no range between 2519 preceding and current row)
    ),
    joined as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            p.close,
            y.session_no is not null as has_earnings,
            coalesce(y.members, 0) as members,
            {% for kind in kinds %}
                coalesce(y.n_{{ kind }}, 0) as n_{{ kind }},
                y.coverage_{{ kind }},
                y.known_{{ kind }},
                coalesce(y.status_{{ kind }}, 'NOT_AVAILABLE') as status_{{ kind }},
                case when y.status_{{ kind }} = 'OK' then y.yield_{{ kind }} end as yield_{{ kind }},
            {% endfor %}
            {% for name, _ in others %}
                r.{{ name }}, coalesce(r.status_{{ name }}, 'NOT_AVAILABLE') as status_{{ name }}, r.known_{{ name }},
            {% endfor %}
            d.month as implied_month,
            d.erp_implied,
            coalesce(d.is_reconstructed, false) as is_erp_reconstructed,
            coalesce(d.status, 'NOT_AVAILABLE') as status_implied,
            d.known_at as known_implied,
            s.month as cape_month,
            s.n_months,
            s.cape,
            s.percentile as cape_percentile,
            coalesce(s.is_reconstructed, false) as is_cape_reconstructed,
            coalesce(s.is_percentile_reconstructed, false) as is_cape_percentile_reconstructed,
            coalesce(s.status, 'NOT_AVAILABLE') as status_cape,
            coalesce(s.status_percentile, 'NOT_AVAILABLE') as status_cape_percentile,
            s.known_at as known_cape,
            coalesce(k.n, 0) as n_ranked,
            case
                when k.n >= {{ least_sessions }} then 100 * (k.below + 0.5 * (k.n - k.below - k.above)) / k.n
            end as yield_percentile
        from {{ ref("int_calendar") }} as c
        left join closes as p on p.session_no = c.session_no
        left join {{ ref("int_earnings_yields") }} as y on y.session_no = c.session_no
        left join rates as r on r.session_no = c.session_no
        left join {{ ref("int_implied_premium") }} as d on d.session_no = c.session_no
        left join {{ ref("int_cape") }} as s on s.session_no = c.session_no
        left join ranked as k on k.session_no = c.session_no
        where y.session_no is not null or d.session_no is not null or s.session_no is not null
    ),
    judged as (
        select
            *,
            {% for kind in kinds %}
                -- a price per unit of earnings means nothing where there are none
                case when yield_{{ kind }} > 0 then 100 / yield_{{ kind }} end as pe_{{ kind }},
                case
                    when status_{{ kind }} = 'OK' and yield_{{ kind }} <= 0 then 'UNDEFINED' else status_{{ kind }}
                end as status_pe_{{ kind }},
                {% for name, _ in others %}
                    yield_{{ kind }} - {{ name }} as {{ name }}_gap_{{ kind }},
                    case
                        when status_{{ kind }} <> 'OK' then status_{{ kind }} else status_{{ name }}
                    end as status_{{ name }}_gap_{{ kind }},
                    greatest(known_{{ kind }}, known_{{ name }}) as known_{{ name }}_gap_{{ kind }},
                {% endfor %}
            {% endfor %}
            close * yield_trailing / 100 as index_earnings,
            case
                when status_trailing = 'OK' and close is null then 'SUSPECT_INPUT' else status_trailing
            end as status_index_earnings,
            case
                when status_trailing = 'OK' and yield_percentile is null then 'WARMUP' else status_trailing
            end as status_yield_percentile
        from joined
    )
select
    i.instrument_id as index_id,
    j.*,
    j.erp_implied - j.real_gap_trailing as implied_less_gap,
    case
        when j.status_implied <> 'OK' then j.status_implied else j.status_real_gap_trailing
    end as status_implied_less_gap,
    greatest(j.known_implied, j.known_real_gap_trailing) as known_implied_less_gap
from judged as j
cross join (select instrument_id from {{ ref("int_instruments") }} where role = 'headline') as i
order by j.session_no
