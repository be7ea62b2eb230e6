-- How much of the index may buy its own shares on each session: the weight of members that are outside the time from 14
-- days before their fiscal quarter ends until the day after its report (both counted in). What a session knows is the
-- newest quarter reported by then; the next one ends three months later. A company whose newest known report is of a
-- quarter that ended more than 150 days ago is unknown.
with
    reports as (
        select instrument_id, fiscal_end, report_date, known_at, 1 as version_no from {{ ref("int_earnings_reports") }}
    ),
    newest as ({{ newest_known("reports", "instrument_id", "fiscal_end") }}),
    weighed as (
        select w.universe_id, w.session_no, w.instrument_id, w.weight_close, w.known_at, c.session_date, c.snapshot_at
        from {{ ref("int_index_weights") }} as w
        inner join {{ ref("int_calendar") }} as c on c.session_no = w.session_no
        where w.weight_close is not null
    ),
    told as (
        select
            w.*,
            case
                when n.fiscal_end >= w.session_date - 150
                then
                    w.session_date > n.report_date + 1
                    and w.session_date < last_day(n.fiscal_end + interval 3 month) - 14
            end as is_open,
            n.fiscal_end,
            greatest(w.known_at, n.known_at) as newest_known_at
        from weighed as w
        asof left join newest as n on n.instrument_id = w.instrument_id and n.known_at <= w.snapshot_at
    ),
    summed as (
        select
            universe_id,
            session_no,
            count(is_open) as n_told,
            sum(cast(weight_close as decimal(18, 15))) filter (where is_open) as open_weight,
            sum(cast(weight_close as decimal(18, 15))) filter (where is_open is not null) as told_weight,
            max(fiscal_end) as fiscal_end,
            max(newest_known_at) as known_at
        from told
        group by universe_id, session_no
    )
select
    s.universe_id,
    s.session_date,
    s.session_no,
    s.members,
    coalesce(t.n_told, 0) as n_told,
    100 * cast(coalesce(t.open_weight, 0) as double) / cast(t.told_weight as double) as open_pct,
    t.fiscal_end,
    round(cast(coalesce(t.told_weight, 0) as double), 6) as coverage,
    case
        when s.status <> 'OK' then s.status when t.told_weight >= u.earnings_floor then 'OK' else 'LOW_COVERAGE'
    end as status,
    coalesce(greatest(s.known_at, t.known_at), c.snapshot_at) as known_at
from {{ ref("int_weight_sources") }} as s
inner join {{ ref("universes") }} as u on u.universe_id = s.universe_id
inner join {{ ref("int_calendar") }} as c on c.session_no = s.session_no
left join summed as t on t.universe_id = s.universe_id and t.session_no = s.session_no
where c.snapshot_at >= (select min(known_at) from reports)
order by s.session_no, s.universe_id
