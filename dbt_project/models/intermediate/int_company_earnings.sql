-- What each issuer of the default universe earns and what it costs, per session and as known at its snapshot: net
-- income of the last four quarters as filed, what analysts expect of the next four, and the size by the diluted shares
-- of the newest report. Lines of one issuer are summed. Where a line of it has no size, or the newest quarter ended
-- more than 200 days ago, the issuer counts as not covered: earnings of all its shares would stand against the price of
-- some, or earnings of long ago against the price of today.
with
    sessions as (
        select session_date, session_no, snapshot_at, quarter
        from {{ ref("int_calendar") }}
        where session_no >= (select min(session_no) from {{ ref("int_share_counts") }} where source = 'edgar_shares')
    ),
    members as ({{ member_lines("sessions", ref("int_membership"), ref("int_issuers"), ref("int_size_segments")) }}),
    lines as (
        select
            m.session_no,
            m.issuer_id,
            m.cik,
            cast(m.turnover as bigint) as turnover,
            cast(round(n.shares) as bigint) as shares,
            cast(round(n.size_usd) as bigint) as size_usd,
            n.known_at
        from members as m
        left join
            {{ ref("int_share_counts") }} as n
            on n.source = 'edgar_shares'
            and n.session_no = m.session_no
            and n.instrument_id = m.instrument_id
    ),
    issuers as (
        select
            session_no,
            issuer_id,
            min(cik) as cik,
            count(*) as n_lines,
            cast(sum(turnover) as bigint) as turnover,
            case when count(*) = count(size_usd) then sum(shares) end as shares,
            case when count(*) = count(size_usd) then sum(size_usd) end as size_usd,
            max(known_at) as known_at
        from lines
        group by session_no, issuer_id
    ),
    told as (
        -- from the first session that knew it to the last before the next was known
        select
            y.cik,
            y.period_end,
            y.last_year,
            y.known_at,
            s.session_no as from_no,
            lead(s.session_no) over (partition by y.cik order by y.known_at) as until_no
        from {{ ref("int_trailing_years") }} as y
        asof inner join sessions as s on s.snapshot_at >= y.known_at
        where y.concept = 'NetIncomeLoss'
    ),
    years as (
        -- session by session: a join on both is a tenth of the work of looking for the newest
        select
            cik,
            period_end,
            last_year,
            known_at,
            unnest(range(from_no, coalesce(until_no, (select max(session_no) + 1 from sessions)))) as session_no
        from told
    ),
    -- the first four quarters of an asking that nobody had reported by then; they must follow one another
    ahead as (
        select f.instrument_id, f.asked_on, f.asked_no, f.fiscal_quarter, f.consensus_eps, f.known_at
        from {{ ref("int_forecasts") }} as f
        left join
            {{ ref("int_earnings_reports") }} as r
            on r.instrument_id = f.instrument_id
            and r.fiscal_quarter = f.fiscal_quarter
            and r.known_at <= f.known_at
        where f.period_kind = 'quarter' and r.instrument_id is null
        qualify row_number() over (partition by f.instrument_id, f.asked_on order by f.fiscal_end) <= 4
    ),
    years_ahead as (
        select
            instrument_id,
            max(asked_no) as asked_no,
            max(known_at) as known_at,
            case
                when
                    count(consensus_eps) = 4
                    and count(distinct fiscal_quarter) = 4
                    and max(fiscal_quarter) = min(fiscal_quarter) + interval 9 month
                -- to a hundredth of a cent, so that the sum does not depend on the order
                then cast(sum(cast(round(10000 * consensus_eps) as bigint)) as double) / 10000
            end as eps_ahead
        from ahead
        group by instrument_id, asked_on
    ),
    factors as (
        select instrument_id, session_no, split_factor
        from {{ ref("int_prices") }}
        where asset_class = 'stock' and session_no >= (select min(asked_no) - 25 from years_ahead)
    ),
    asked as (
        select a.*, f.split_factor as factor_then
        from years_ahead as a
        asof left join factors as f on f.instrument_id = a.instrument_id and f.session_no <= a.asked_no
    ),
    expected as (
        -- in share units of the session; of all lines of an issuer, the first by name that has a figure speaks
        select
            s.session_no,
            i.issuer_id,
            min_by(a.eps_ahead * a.factor_then / f.split_factor, f.instrument_id) as eps_ahead,
            min_by(a.known_at, f.instrument_id) as known_at
        from factors as f
        inner join sessions as s on s.session_no = f.session_no
        asof inner join asked as a on a.instrument_id = f.instrument_id and a.known_at <= s.snapshot_at
        asof inner join
            {{ ref("int_issuers") }} as i on i.instrument_id = f.instrument_id and i.valid_from <= s.snapshot_at
        where s.session_no - a.asked_no <= 25 and a.eps_ahead is not null
        group by s.session_no, i.issuer_id
    )
select
    u.universe_id,
    i.session_no,
    s.session_date,
    i.issuer_id,
    i.n_lines,
    i.turnover,
    i.size_usd,
    case when y.period_end > s.session_date - 200 and i.size_usd is not null then y.last_year end as earned,
    cast(round(a.eps_ahead * cast(i.shares as double)) as hugeint) as expected,
    greatest(i.known_at, y.known_at) as earned_known_at,
    greatest(i.known_at, a.known_at) as expected_known_at
from issuers as i
inner join sessions as s on s.session_no = i.session_no
cross join (select universe_id from {{ ref("universes") }} where world = '{{ var("world") }}' and is_default) as u
left join years as y on y.cik = i.cik and y.session_no = i.session_no
left join expected as a on a.session_no = i.session_no and a.issuer_id = i.issuer_id
order by i.session_no, i.issuer_id
