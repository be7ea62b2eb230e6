-- EA09: how broad growth is: percent of companies that earn more than a year before, percent of sectors whose
-- earnings grew, and the median growth of companies less the growth of their sum, in percentage points.
with
    sectors as (
        select
            session_no,
            count(*) filter (where status_growth = 'OK') as n_used,
            count(*) filter (where status_growth = 'OK' and growth > 0) as grew,
            max(known_at) as known_at
        from {{ ref("int_season_segments") }}
        where source = 'nasdaq' and segment_type = 'sector'
        group by session_no
    ),
    all_sectors as (select count(*) as n_expected from {{ ref("sectors") }}),
    whole as (select * from {{ ref("int_season_segments") }} where source = 'nasdaq' and segment_type = 'universe'),
    readings as (
        select
            'EA09_companies' as reading_id,
            segment_id as entity_id,
            session_date,
            fiscal_quarter as obs_period,
            100.0 * grew / nullif(n_both, 0) as value,
            status_growth as status,
            n_both as n_used,
            members as n_expected,
            known_at
        from whole
        union all
        select
            'EA09_median_gap',
            segment_id,
            session_date,
            fiscal_quarter,
            median_growth - growth,
            status_growth,
            n_both,
            members,
            known_at
        from whole
        union all
        select
            'EA09_sectors',
            w.segment_id,
            w.session_date,
            w.fiscal_quarter,
            100.0 * s.grew / nullif(s.n_used, 0),
            case when coalesce(s.n_used, 0) < a.n_expected then 'LOW_COVERAGE' else 'OK' end,
            coalesce(s.n_used, 0),
            a.n_expected,
            w.known_at
        from whole as w
        cross join all_sectors as a
        left join sectors as s on s.session_no = w.session_no
    )
    {{ readings("readings", "EA09") }}
