-- LC03: rank of each sector by total return over 20 sessions (1 is the best; all sectors are needed), Kendall's
-- tau between these ranks and those of 20 sessions ago (concordant less discordant pairs over all pairs; a tie is
-- neither), and how often each sector changed its quadrant on the rotation map in the last four weeks.
with
    sectors as (select * from {{ ref("int_sector_leadership") }}),
    sessions as (
        select
            session_no,
            session_date,
            max(sectors_used) as sectors_used,
            max(sectors_expected) as sectors_expected,
            max(known_at_rank) as known_at
        from sectors
        group by session_no, session_date
    ),
    agreement as (
        select
            a.session_no,
            sum(sign((b.rank_20d - a.rank_20d) * (q.rank_20d - p.rank_20d))) as concordant,
            count(q.rank_20d - p.rank_20d) as pairs
        from sectors as a
        inner join sectors as b on b.session_no = a.session_no and b.sector_id > a.sector_id
        inner join sectors as p on p.session_no = a.session_no - 20 and p.sector_id = a.sector_id
        inner join sectors as q on q.session_no = a.session_no - 20 and q.sector_id = b.sector_id
        group by a.session_no
    ),
    readings as (
        select
            'LC03_rank' as reading_id,
            sector_id as entity_id,
            session_date,
            session_date as obs_period,
            rank_20d as value,
            status_rank as status,
            sectors_used as n_used,
            sectors_expected as n_expected,
            known_at_rank as known_at
        from sectors
        union all
        select
            'LC03_tau',
            'sectors',
            n.session_date,
            n.session_date,
            cast(a.concordant as double) / a.pairs,
            case
                when n.sectors_used = 0 or coalesce(t.sectors_used, 0) = 0
                then 'WARMUP'
                when n.sectors_used < n.sectors_expected or t.sectors_used < n.sectors_expected
                then 'LOW_COVERAGE'
                else 'OK'
            end,
            least(n.sectors_used, coalesce(t.sectors_used, 0)),
            n.sectors_expected,
            greatest(n.known_at, t.known_at)
        from sessions as n
        left join sessions as t on t.session_no = n.session_no - 20
        left join agreement as a on a.session_no = n.session_no
        union all
        select
            'LC03_changes',
            sector_id,
            session_date,
            week_end,
            quadrant_changes_4w,
            status_changes,
            quadrants_used,
            5,
            known_at_changes
        from sectors
    )
    {{ readings("readings", "LC03") }}
