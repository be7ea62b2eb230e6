-- For how many quarters in a row earnings grew (and beat what was expected), up to the season of each session: the
-- running one counts as it stands, each earlier one as it stood on its last session. A quarter that could not be told
-- ends a streak.
with
    seasons as (
        select
            source,
            segment_type,
            segment_id,
            fiscal_quarter,
            session_no,
            session_date,
            case when status_growth = 'OK' then growth > 0 end as has_grown,
            case when status_surprise = 'OK' then surprise_pct > 0 end as has_beaten,
            session_no = max(session_no) over (partition by source, segment_type, segment_id, fiscal_quarter) as is_last
        from {{ ref("int_season_segments") }}
    ),
    finals as (select *, 4 * year(fiscal_quarter) + quarter(fiscal_quarter) as place from seasons where is_last),
    linked as (
        -- a quarter without the segment is one that could not be told
        select
            *,
            coalesce(
                place - 1 = lag(place) over (partition by source, segment_type, segment_id order by place), false
            ) as follows
        from finals
    ),
    runs as (
        -- the number of the last earlier quarter in which it did not grow, or could not be told
        select
            *,
            max(case when not coalesce(has_grown, false) then place when not follows then place - 1 end) over upto
            as grown_after,
            max(case when not coalesce(has_beaten, false) then place when not follows then place - 1 end) over upto
            as beaten_after
        from linked
        window upto as (partition by source, segment_type, segment_id order by fiscal_quarter rows unbounded preceding)
    )
select
    s.source,
    s.segment_type,
    s.segment_id,
    s.session_no,
    case
        when s.has_grown is null then null when s.has_grown then 1 + coalesce(r.place - r.grown_after, 0) else 0
    end as streak,
    case
        when s.has_beaten is null then null when s.has_beaten then 1 + coalesce(r.place - r.beaten_after, 0) else 0
    end as beat_streak
from seasons as s
left join
    runs as r
    on r.source = s.source
    and r.segment_type = s.segment_type
    and r.segment_id = s.segment_id
    and r.fiscal_quarter = cast(s.fiscal_quarter - interval 3 month as date)
order by s.session_no, s.source, s.segment_type, s.segment_id
