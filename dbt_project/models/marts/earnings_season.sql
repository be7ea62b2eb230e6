-- The reporting season under way on each session, by segment and source. guidance has no keyless source.
select
    s.segment_type,
    s.segment_id,
    s.fiscal_quarter,
    s.source,
    s.session_date,
    cast(s.members as integer) as members,
    cast(s.reported as integer) as reported,
    round(s.reported / cast(s.members as double), 6) as reported_share,
    {% for column, name in [("beats", "beat_rate"), ("in_line", "in_line_rate"), ("misses", "miss_rate")] %}
        case when s.status_beats = 'OK' then round(100.0 * s.{{ column }} / s.judged, 6) end as {{ name }},
    {% endfor %}
    case when s.status_surprise = 'OK' then round(s.surprise_pct, 6) end as surprise_pct,
    case when s.status_beats = 'OK' then round(s.median_surprise, 6) end as median_surprise_pct,
    case when s.status_growth = 'OK' then {{ one_zero("round(s.growth, 6)") }} end as blended_growth,
    case when s.status_growth = 'OK' then round(s.median_growth, 6) end as median_growth,
    case when s.status_growth = 'OK' then round(100.0 * s.grew / s.n_both, 6) end as growing_share,
    case when s.status_growth = 'OK' then cast(k.streak as integer) end as streak,
    cast(null as double) as guidance_share,
    s.coverage,
    s.status_beats,
    s.status_surprise,
    s.status_growth,
    'NOT_AVAILABLE' as status_guidance,
    s.known_at
from {{ ref("int_season_segments") }} as s
inner join
    {{ ref("int_season_streaks") }} as k
    on k.source = s.source
    and k.segment_type = s.segment_type
    and k.segment_id = s.segment_id
    and k.session_no = s.session_no
order by s.session_date, s.source, s.segment_type, s.segment_id
