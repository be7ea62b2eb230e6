-- The reporting season of each session (the calendar quarter that ended last) company by company, as known at the
-- session's snapshot, from two sources that are never mixed: nasdaq (earnings per share on the analysts' basis, times
-- shares) and edgar (net income as filed). amount is what was earned: reported, or for who has not reported what is
-- forecast; prior the same quarter a year before, in today's share units. One row per issuer; who has neither an amount
-- nor a prior has one too, because a member is a member.
with
    sessions as (
        select
            session_date,
            session_no,
            snapshot_at,
            quarter,
            cast(date_trunc('quarter', session_date) - interval 3 month as date) as fiscal_quarter,
            cast(date_trunc('quarter', session_date) - interval 15 month as date) as prior_quarter
        from {{ ref("int_calendar") }}
        where
            session_no >= (select min(session_no) from {{ ref("int_weight_sources") }})
            and {{ is_made("session_date") }}
    ),
    members as ({{ member_lines("sessions", ref("int_membership"), ref("int_issuers"), ref("int_size_segments")) }}),
    lines as (
        select m.*, g.sector_id, w.best_source
        from members as m
        inner join {{ ref("int_weight_sources") }} as w on w.session_no = m.session_no and w.universe_id = m.universe_id
        left join
            {{ ref("int_instrument_sectors") }} as g
            on g.instrument_id = m.instrument_id
            and {{ holds_at("g", "m.session_date") }}
    ),
    -- split factor of each line at its report or asking, to put a figure into the session's units
    factors as (select instrument_id, session_no, split_factor from {{ ref("int_prices") }}),
    reported as (
        select r.*, f.split_factor as factor_then
        from {{ ref("int_earnings_reports") }} as r
        asof left join factors as f on f.instrument_id = r.instrument_id and f.session_no <= r.report_no
    ),
    asked as (
        select f.instrument_id, f.fiscal_quarter, f.asked_no, f.consensus_eps, f.known_at, x.split_factor as factor_then
        from {{ ref("int_forecasts") }} as f
        asof left join factors as x on x.instrument_id = f.instrument_id and x.session_no <= f.asked_no
        where f.period_kind = 'quarter' and f.consensus_eps is not null
    ),
    calendar_ahead as (
        select
            instrument_id,
            fiscal_quarter,
            eps_forecast,
            last_year_eps,
            known_at,
            valid_until,
            cast(timezone('America/New_York', known_at) as date) as told_on
        from {{ ref("int_earnings_calendar") }}
        where is_present and eps is null and fiscal_end is not null
        qualify
            row_number() over (
                partition by instrument_id, fiscal_end, known_at order by report_date desc, version_no desc
            )
            = 1
    ),
    told_ahead as (
        select a.*, x.split_factor as factor_then
        from calendar_ahead as a
        asof left join
            (select instrument_id, session_date, split_factor from {{ ref("int_prices") }}) as x
            on x.instrument_id = a.instrument_id
            and x.session_date <= a.told_on
    ),
    -- before anything was reported the vendor says nothing of any season
    told_of as (
        select l.*, n.shares, n.size_usd, p.split_factor
        from lines as l
        left join
            {{ ref("int_share_counts") }} as n
            on n.source = l.best_source
            and n.session_no = l.session_no
            and n.instrument_id = l.instrument_id
        left join {{ ref("int_prices") }} as p on p.instrument_id = l.instrument_id and p.session_no = l.session_no
        where l.session_no >= (select min(report_no) from {{ ref("int_earnings_reports") }})
    ),
    per_line as (
        select
            l.*,
            coalesce(r.known_at <= l.snapshot_at, false) as is_told,
            case when r.known_at <= l.snapshot_at then r.eps * r.factor_then / l.split_factor end as eps_reported,
            case when r.known_at <= l.snapshot_at then r.eps_forecast * r.factor_then / l.split_factor end as eps_met,
            case when r.known_at <= l.snapshot_at then round(r.eps - r.eps_forecast, 2) end as beat,
            case
                when r.known_at <= l.snapshot_at then 100 * (r.eps - r.eps_forecast) / abs(r.eps_forecast)
            end as surprise,
            case when r.known_at <= l.snapshot_at then abs(r.eps_forecast) end as forecast_size,
            coalesce(
                case when l.session_no - a.asked_no <= 25 then a.consensus_eps * a.factor_then / l.split_factor end,
                -- what is gone from the calendar is not expected any more
                case
                    when k.valid_until is null or k.valid_until > l.snapshot_at
                    then k.eps_forecast * k.factor_then / l.split_factor
                end
            ) as eps_expected,
            coalesce(
                case when b.known_at <= l.snapshot_at then b.eps * b.factor_then / l.split_factor end,
                k.last_year_eps * k.factor_then / l.split_factor
            ) as eps_prior,
            greatest(
                case when r.known_at <= l.snapshot_at then r.known_at end,
                case when l.session_no - a.asked_no <= 25 then a.known_at end,
                k.known_at,
                case when b.known_at <= l.snapshot_at then b.known_at end
            ) as known_at
        from told_of as l
        left join reported as r on r.instrument_id = l.instrument_id and r.fiscal_quarter = l.fiscal_quarter
        left join reported as b on b.instrument_id = l.instrument_id and b.fiscal_quarter = l.prior_quarter
        asof left join
            asked as a
            on a.instrument_id = l.instrument_id
            and a.fiscal_quarter = l.fiscal_quarter
            and a.known_at <= l.snapshot_at
        asof left join
            told_ahead as k
            on k.instrument_id = l.instrument_id
            and k.fiscal_quarter = l.fiscal_quarter
            and k.known_at <= l.snapshot_at
    ),
    issuers as (
        -- one figure for all lines of an issuer: of the line that has told most, the first by name
        select
            universe_id,
            session_date,
            session_no,
            fiscal_quarter,
            issuer_id,
            min(sector_id) as sector_id,
            min(size_id) as size_id,
            sum(turnover) as turnover,
            sum(cast(round(shares) as hugeint)) as shares,
            sum(cast(round(size_usd) as hugeint)) as size_usd,
            {% for name in ["eps_reported", "eps_met", "beat", "surprise", "forecast_size", "eps_prior", "eps_expected"] %}
                min_by({{ name }}, instrument_id) filter (where {{ name }} is not null) as {{ name }},
            {% endfor %}
            bool_or(is_told) as is_reported,
            max(known_at) as known_at
        from per_line
        group by universe_id, session_date, session_no, fiscal_quarter, issuer_id
    ),
    filers as (
        select
            universe_id,
            session_date,
            session_no,
            snapshot_at,
            fiscal_quarter,
            prior_quarter,
            issuer_id,
            min(cik) as cik,
            min(sector_id) as sector_id,
            min(size_id) as size_id,
            sum(turnover) as turnover
        from lines
        group by universe_id, session_date, session_no, snapshot_at, fiscal_quarter, prior_quarter, issuer_id
    ),
    filed as (
        select cik, {{ fiscal_quarter("quarter_end") }} as fiscal_quarter, value, known_at
        from {{ ref("int_company_quarters") }}
        where concept = 'NetIncomeLoss' and unit = 'USD'
        -- of two quarters told at once the later one, where a moved year end puts both into one calendar quarter
        qualify
            row_number() over (
                partition by cik, {{ fiscal_quarter("quarter_end") }}, known_at order by quarter_end desc
            )
            = 1
    )
select
    i.universe_id,
    i.session_date,
    i.session_no,
    i.fiscal_quarter,
    'nasdaq' as source,
    i.issuer_id,
    i.sector_id,
    i.size_id,
    i.turnover,
    i.size_usd,
    i.is_reported,
    i.beat,
    case when i.forecast_size >= 0.01 then round(i.surprise, 9) end as surprise_pct,
    round(i.eps_met * cast(i.shares as double)) as expected,
    case when i.eps_met is not null then round(i.eps_reported * cast(i.shares as double)) end as met,
    round(coalesce(i.eps_reported, i.eps_expected) * cast(i.shares as double)) as amount,
    round(i.eps_prior * cast(i.shares as double)) as prior,
    i.known_at
from issuers as i
union all by name
select
    i.universe_id,
    i.session_date,
    i.session_no,
    i.fiscal_quarter,
    'edgar' as source,
    i.issuer_id,
    i.sector_id,
    i.size_id,
    i.turnover,
    n.value is not null as is_reported,
    n.value as amount,
    b.value as prior,
    greatest(n.known_at, b.known_at) as known_at
from filers as i
asof left join filed as n on n.cik = i.cik and n.fiscal_quarter = i.fiscal_quarter and n.known_at <= i.snapshot_at
asof left join filed as b on b.cik = i.cik and b.fiscal_quarter = i.prior_quarter and b.known_at <= i.snapshot_at
order by session_no, source, issuer_id
