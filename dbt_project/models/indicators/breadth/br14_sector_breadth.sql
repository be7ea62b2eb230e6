-- BR14: BR02, BR07 and BR09 per sector of the default universe (a sector of few members abstains; without any list of
-- members every sector says NOT_AVAILABLE).
{% set measures = [
    ("share", "advance_share", "status_counts", "advancers + decliners + unchanged"),
    ("50", "pct_above_sma50", "status_sma", "n_with_sma"),
    ("200", "pct_above_sma200", "status_sma", "n_with_sma"),
    ("net", "nh_nl_pct", "status_52w", "n_with_52w"),
] %}
with
    breadth as (
        select *
        from {{ ref("int_breadth") }}
        where is_default and segment_type = 'sector'
        union all by name
        select b.* exclude (segment_id), s.sector_id as segment_id
        from {{ ref("int_breadth") }} as b
        cross join {{ ref("sectors") }} as s
        where b.is_default and b.segment_type = 'universe' and b.status_counts = 'NOT_AVAILABLE'
    ),
    readings as ({{ breadth_measures("BR14", measures, "breadth", "segment_id") }})
    {{ readings("readings", "BR14") }}
