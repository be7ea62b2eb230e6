-- The rates of each session as known at its snapshot: policy rate and range, the Treasury's curve, real yield and
-- breakeven, term premia, credit spreads, what futures price for a year ahead, what stocks earn above the real yield,
-- and how the curve has moved. A yield of a day before the session (a bond holiday, or the Treasury's file is
-- missing) says so in carried_from; two yields are subtracted only when they are of one day.
{% set series = [
    ("m3", "DGS3MO"),
    ("y2", "DGS2"),
    ("y5", "DGS5"),
    ("y10", "DGS10"),
    ("y30", "DGS30"),
    ("tips10", "DFII10"),
    ("term_premium_kw", "THREEFYTP10"),
    ("ig_oas", "BAMLC0A0CM"),
    ("hy_oas", "BAMLH0A0HYM2"),
    ("baa_spread", "BAA10Y"),
] %}
with
    wide as (
        select
            session_date,
            session_no,
            snapshot_at,
            {% for name, id in series %}
                max(value) filter (where series_id = '{{ id }}') as {{ name }},
                max(observation_date) filter (where series_id = '{{ id }}') as {{ name }}_on,
                max(status) filter (where series_id = '{{ id }}') as status_of_{{ name }},
            {% endfor %}
            max(spoken_by) filter (where series_id = 'DGS10') as yield_source
        from {{ ref("int_series_as_known") }}
        where series_id in ({% for _, id in series %}'{{ id }}' {% if not loop.last %},{% endif %} {% endfor %})
        group by session_date, session_no, snapshot_at
    ),
    measured as (
        select
            w.*,
            case when w.y2_on = w.y10_on then 100 * (w.y10 - w.y2) end as s2s10_bp,
            case when w.m3_on = w.y10_on then 100 * (w.y10 - w.m3) end as s3m10_bp,
            case when w.tips10_on = w.y10_on then w.y10 - w.tips10 end as breakeven10,
            b.y2 as y2_before,
            b.y10 as y10_before
        from wide as w
        left join wide as b on b.session_no = w.session_no - 20
    ),
    moved as (
        select
            *,
            -- level and slope over 20 sessions, basis points; rounded before they are judged, so that five is five
            {{ one_zero("round(50 * ((y2 - y2_before) + (y10 - y10_before)), 6)") }} as level_move_bp,
            {{ one_zero("round(100 * ((y10 - y10_before) - (y2 - y2_before)), 6)") }} as slope_move_bp
        from measured
    )
select
    m.session_date,
    round(r.effr, 6) as effr,
    round(case when r.status_target = 'OK' then r.target_lower end, 6) as target_low,
    round(case when r.status_target = 'OK' then r.target_upper end, 6) as target_high,
    case when r.status_target = 'OK' then r.target_source end as target_source,
    {{ one_zero("r.effr_less_lower_bp") }} as effr_less_lower_bp,
    round(m.m3, 6) as m3,
    round(m.y2, 6) as y2,
    round(m.y5, 6) as y5,
    round(m.y10, 6) as y10,
    round(m.y30, 6) as y30,
    {{ one_zero("round(m.s2s10_bp, 6)") }} as s2s10_bp,
    {{ one_zero("round(m.s3m10_bp, 6)") }} as s3m10_bp,
    round(m.tips10, 6) as tips10,
    {{ one_zero("round(m.breakeven10, 6)") }} as breakeven10,
    round(t.term_premium, 6) as term_premium_acm,
    round(t.expected_rate, 6) as expected_rate_acm,
    coalesce(t.is_reconstructed, false) as is_acm_reconstructed,
    round(m.term_premium_kw, 6) as term_premium_kw,
    round(m.ig_oas, 6) as ig_oas,
    round(m.hy_oas, 6) as hy_oas,
    round(m.baa_spread, 6) as baa_spread,
    round(case when h.status = 'OK' then - h.priced_bp / 25 end, 6) as cuts_priced_12m,
    case
        when v.status_real_gap_trailing = 'OK' then {{ one_zero("round(v.real_gap_trailing, 6)") }}
    end as earnings_yield_gap,
    round(v.erp_implied, 6) as erp_implied,
    coalesce(v.is_erp_reconstructed, false) as is_erp_reconstructed,
    m.level_move_bp,
    m.slope_move_bp,
    {{ curve_move("m.level_move_bp", "m.slope_move_bp") }} as curve_move,
    case when m.y10 is not null then m.yield_source end as yield_source,
    case when m.y10 is not null and m.y10_on < m.session_date then m.y10_on end as carried_from,
    g.gap as treasury_less_fred,
    coalesce(r.status_effr, 'NOT_PUBLISHED') as status_effr,
    coalesce(r.status_target, 'NOT_PUBLISHED') as status_target,
    {% for name in ["m3", "y2", "y5", "y10", "y30", "tips10", "ig_oas", "hy_oas", "baa_spread"] %}
        coalesce(m.status_of_{{ name }}, 'NOT_AVAILABLE') as status_{{ name }},
    {% endfor %}
    coalesce(m.status_of_term_premium_kw, 'NOT_AVAILABLE') as status_kw,
    {% for name, first, second in [("s2s10", "y10", "y2"), ("s3m10", "y10", "m3"), ("breakeven", "y10", "tips10")] %}
        case
            when coalesce(m.status_of_{{ first }}, 'NOT_AVAILABLE') <> 'OK'
            then coalesce(m.status_of_{{ first }}, 'NOT_AVAILABLE')
            when coalesce(m.status_of_{{ second }}, 'NOT_AVAILABLE') <> 'OK'
            then coalesce(m.status_of_{{ second }}, 'NOT_AVAILABLE')
            when m.{{ first }}_on <> m.{{ second }}_on
            then 'NOT_PUBLISHED'
            else 'OK'
        end as status_{{ name }},
    {% endfor %}
    coalesce(t.status, 'NOT_AVAILABLE') as status_acm,
    coalesce(t.status_expected, 'NOT_AVAILABLE') as status_expected_acm,
    coalesce(h.status, 'NOT_AVAILABLE') as status_path,
    coalesce(v.status_real_gap_trailing, 'NOT_AVAILABLE') as status_earnings_gap,
    coalesce(v.status_implied, 'NOT_AVAILABLE') as status_erp_implied,
    case
        when m.level_move_bp is not null
        then 'OK'
        when coalesce(m.status_of_y10, 'NOT_AVAILABLE') <> 'OK'
        then coalesce(m.status_of_y10, 'NOT_AVAILABLE')
        when coalesce(m.status_of_y2, 'NOT_AVAILABLE') <> 'OK'
        then coalesce(m.status_of_y2, 'NOT_AVAILABLE')
        else 'WARMUP'
    end as status_move,
    m.snapshot_at as known_at
from moved as m
left join {{ ref("int_rate_sessions") }} as r on r.session_no = m.session_no
left join {{ ref("int_term_premium") }} as t on t.session_no = m.session_no
left join {{ ref("int_rate_horizons") }} as h on h.session_no = m.session_no and h.horizon = '12m'
left join {{ ref("int_yield_gaps") }} as g on g.session_no = m.session_no
left join {{ ref("int_valuation") }} as v on v.session_no = m.session_no
where m.y10_on is not null
order by m.session_date
