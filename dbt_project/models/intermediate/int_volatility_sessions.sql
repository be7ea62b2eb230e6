-- Volatility of the index and of its members, one row per session: levels, percentiles, term structure, premium,
-- correlation, dispersion, and why each is missing. What the readings VS01 to VS10 and the mart of sentiment are made
-- of.
with
    compared as (
        select
            a.*,
            v.pct_year as vix_pct_252,
            case when v.n_five = 1260 then v.pct_five end as vix_pct_5y,
            v.median_five as vix_median_5y,
            s.pct_year as skew_pct_252,
            100 - t.pct_year as flatness_pct_252,
            h.pct_five as share_moved_pct_5y,
            {% for product in ["equity", "index", "total"] %}
                p_{{ product }}.mean_5 as put_call_{{ product }},
                p_{{ product }}.pct_252 as put_call_{{ product }}_pct,
                coalesce(p_{{ product }}.status_mean_5, 'NOT_AVAILABLE') as status_put_call_{{ product }},
                coalesce(p_{{ product }}.status_pct_252, 'NOT_AVAILABLE') as status_put_call_{{ product }}_pct,
            {% endfor %}
            p_equity.known_at as put_call_known_at,
            (p_equity.pct_252 + s.pct_year + 100 - t.pct_year) / 3 as protection,
            a.vix - a.realised_vol_21 as premium_points,
            a.vix * a.vix - a.realised_vol_21 * a.realised_vol_21 as premium_variance,
            (a.vix * a.vix - a.square_of_parts)
            / nullif(a.weighted_vol * a.weighted_vol - a.square_of_parts, 0) as implied_correlation,
            (a.realised_vol_21 * a.realised_vol_21 - a.square_of_parts)
            / nullif(a.weighted_vol * a.weighted_vol - a.square_of_parts, 0) as realised_correlation
        from {{ ref("int_volatility_levels") }} as a
        left join {{ ref("int_volatility_ranks") }} as v on v.measure = 'vix' and v.session_no = a.session_no
        left join {{ ref("int_volatility_ranks") }} as s on s.measure = 'skew' and s.session_no = a.session_no
        left join {{ ref("int_volatility_ranks") }} as t on t.measure = 'slope_3m' and t.session_no = a.session_no
        {% for product in ["equity", "index", "total"] %}
            left join
                {{ ref("int_put_call") }} as p_{{ product }}
                on p_{{ product }}.product = '{{ product }}'
                and p_{{ product }}.session_no = a.session_no
        {% endfor %}
        left join {{ ref("int_volatility_ranks") }} as h on h.measure = 'share_moved_20' and h.session_no = a.session_no
    )
select
    *,
    share_moved_pct_5y > 80 and vix < vix_median_5y as is_hot,
    case when vix is null then 'NOT_PUBLISHED' else 'OK' end as status_vix,
    case when vix is null then 'NOT_PUBLISHED' when vix_pct_252 is null then 'WARMUP' else 'OK' end as status_pct_252,
    case when vix is null then 'NOT_PUBLISHED' when vix_pct_5y is null then 'WARMUP' else 'OK' end as status_pct_5y,
    case when vix is null then 'NOT_PUBLISHED' when vix_d5 is null then 'WARMUP' else 'OK' end as status_d5,
    case
        when skew is null then 'NOT_PUBLISHED' when skew_pct_252 is null then 'WARMUP' else 'OK'
    end as status_skew_pct,
    case
        when vix is null then 'NOT_PUBLISHED' when realised_vol_21 is null then 'WARMUP' else 'OK'
    end as status_premium,
    case
        when status_weighted <> 'OK'
        then status_weighted
        when vix is null
        then 'NOT_PUBLISHED'
        when implied_correlation is null
        then 'UNDEFINED'
        else 'OK'
    end as status_implied_correlation,
    case
        when status_weighted <> 'OK'
        then status_weighted
        when realised_vol_21 is null
        then 'WARMUP'
        when realised_correlation is null
        then 'UNDEFINED'
        else 'OK'
    end as status_realised_correlation,
    case
        when protection is not null
        then 'OK'
        when status_put_call_equity_pct <> 'OK'
        then status_put_call_equity_pct
        when skew is null or slope_3m is null
        then 'NOT_PUBLISHED'
        else 'WARMUP'
    end as status_protection,
    case
        when (share_moved_pct_5y > 80 and vix < vix_median_5y) is not null
        then 'OK'
        when vix is null
        then 'NOT_PUBLISHED'
        when status_moved <> 'OK'
        then status_moved
        else 'WARMUP'
    end as status_hot
from compared
order by session_no
