-- What the members bought back and issued over their last four reported quarters, against their market value
-- (diluted shares of the newest report at the session's close), per session and as known at its snapshot. Only
-- lines that are told count: a company whose reports have no line of repurchases has none, and not zero. A year
-- that ended more than 200 days ago says nothing of today. How much of the universe is read at all is told by any
-- of the three lines of cash flow.
{% set lines = [
    ("repurchases", "PaymentsForRepurchaseOfCommonStock"),
    ("issuance", "ProceedsFromIssuanceOfCommonStock"),
    ("investment", "PaymentsToAcquirePropertyPlantAndEquipment"),
] %}
with
    sessions as (
        select session_date, session_no, snapshot_at, quarter
        from {{ ref("int_calendar") }}
        where session_no >= (select min(session_no) from {{ ref("int_share_counts") }} where source = 'edgar_shares')
    ),
    lines as ({{ member_lines("sessions", ref("int_membership"), ref("int_issuers"), ref("int_size_segments")) }}),
    issuers as (
        select
            l.universe_id,
            l.session_date,
            l.session_no,
            l.snapshot_at,
            l.issuer_id,
            min(l.cik) as cik,
            sum(l.turnover) as turnover,
            sum(cast(round(n.size_usd) as hugeint)) as size_usd,
            max(n.known_at) as known_at
        from lines as l
        left join
            {{ ref("int_share_counts") }} as n
            on n.source = 'edgar_shares'
            and n.session_no = l.session_no
            and n.instrument_id = l.instrument_id
        group by all
    ),
    moments as (
        -- what each line said whenever one of the three was told
        select
            cik,
            known_at,
            {% for name, concept in lines %}
                last_value(
                    case
                        when concept = '{{ concept }}'
                        then struct_pack(value := last_year, period_end := period_end, known_at := known_at)
                    end ignore nulls
                ) over told as {{ name }},
            {% endfor %}
            row_number() over (partition by cik, known_at order by concept desc) as place
        from {{ ref("int_trailing_years") }}
        where concept in ({% for _, concept in lines %}'{{ concept }}'{% if not loop.last %}, {% endif %} {% endfor %})
        window told as (partition by cik order by known_at, concept rows between unbounded preceding and current row)
    ),
    read as (
        select
            i.*,
            {% for name, _ in lines %}
                case
                    when m.{{ name }}.period_end > i.session_date - 200 and i.size_usd > 0 then m.{{ name }}.value
                end as {{ name }},
            {% endfor %}
            m.repurchases.period_end as period_end,
            m.known_at as told_at
        from issuers as i
        asof left join (select * from moments where place = 1) as m on m.cik = i.cik and m.known_at <= i.snapshot_at
    ),
    summed as (
        select
            universe_id,
            session_date,
            session_no,
            count(*) as issuers,
            count(repurchases) as n_gross,
            count(*) filter (where repurchases is not null and issuance is not null) as n_net,
            sum(repurchases) as repurchases,
            sum(size_usd) filter (where repurchases is not null) as size_gross,
            sum(repurchases - issuance) as net,
            sum(size_usd) filter (where repurchases is not null and issuance is not null) as size_net,
            max(period_end) filter (where repurchases is not null) as period_end,
            sum(turnover) as turnover,
            sum(turnover) filter (where coalesce(repurchases, issuance, investment) is not null) as turnover_read,
            max(greatest(known_at, told_at)) as known_at
        from read
        group by universe_id, session_date, session_no
    )
select
    s.universe_id,
    s.session_date,
    s.session_no,
    s.issuers,
    s.n_gross,
    s.n_net,
    100 * cast(s.repurchases as double) / cast(s.size_gross as double) as gross_pct,
    100 * cast(s.net as double) / cast(s.size_net as double) as net_pct,
    s.period_end,
    round(coalesce(s.turnover_read, 0) / nullif(s.turnover, 0), 6) as coverage,
    case
        when s.turnover > 0 and coalesce(s.turnover_read, 0) >= u.reports_floor * s.turnover
        then 'OK'
        else 'LOW_COVERAGE'
    end as status,
    coalesce(s.known_at, c.snapshot_at) as known_at
from summed as s
inner join {{ ref("universes") }} as u on u.universe_id = s.universe_id
inner join {{ ref("int_calendar") }} as c on c.session_no = s.session_no
order by s.session_no, s.universe_id
