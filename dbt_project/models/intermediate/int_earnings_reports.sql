-- What each company reported per fiscal quarter, by the vendor's calendar: the first telling of the figure, the
-- forecast it met (the last one this home saw before the day began in New York; else the one the vendor shows beside
-- the figure), when it came, and the first session whose prices could answer: the same day when it came before the
-- close, the next session when after. Where the vendor gives no hour, the moment of the filing that announced it does
-- (8-K, item 2.02), on the day of the filing; without one it is unknown. An hour of the vendor's is one of the
-- vendor's day, whatever was filed the evening before.
with
    told as (select * from {{ ref("int_earnings_calendar") }} where fiscal_end is not null),
    first_told as (
        -- a report far from the quarter's end is another quarter's under a wrong label
        select *
        from told
        where eps is not null and is_present and report_date between fiscal_end and fiscal_end + 120
        qualify
            row_number() over (partition by instrument_id, fiscal_quarter order by known_at, report_date, version_no)
            = 1
    ),
    expected as (
        select instrument_id, fiscal_quarter, known_at, eps_forecast, n_estimates, version_no
        from told
        where eps is null and is_present and eps_forecast is not null
    ),
    filings as (
        select
            i.instrument_id,
            s.accepted_at,
            s.known_at,
            cast(timezone('America/New_York', s.accepted_at) as timestamp) as accepted_ny,
            -- the exchange closes at 13:00 on half days
            case when k.is_half_day then time '13:00:00' else time '16:00:00' end as closes_at
        from {{ ref("stg_sec_submissions") }} as s
        inner join {{ ref("int_issuers") }} as i on i.cik = s.cik and i.valid_to is null
        left join
            {{ ref("int_calendar") }} as k on k.session_date = cast(timezone('America/New_York', s.accepted_at) as date)
        where s.form = '8-K' and s.items like '%2.02%'
    ),
    announced as (
        select
            r.instrument_id,
            r.fiscal_quarter,
            r.report_date,
            r.fiscal_end,
            r.timing,
            r.eps,
            e.eps_forecast as eps_forecast_before,
            r.eps_forecast as eps_forecast_told,
            coalesce(e.n_estimates, r.n_estimates) as n_estimates,
            r.last_year_eps,
            f.accepted_at,
            f.accepted_ny,
            f.closes_at,
            f.known_at as filing_known_at,
            r.known_at
        from first_told as r
        asof left join
            (select * from expected order by known_at, version_no) as e
            on e.instrument_id = r.instrument_id
            and e.fiscal_quarter = r.fiscal_quarter
            and e.known_at < timezone('America/New_York', cast(r.report_date as timestamp))
        left join
            filings as f
            on f.instrument_id = r.instrument_id
            and cast(f.accepted_ny as date) between r.report_date - 1 and r.report_date
        qualify
            row_number() over (
                partition by r.instrument_id, r.fiscal_quarter order by cast(f.accepted_ny as date) desc, f.accepted_at
            )
            = 1
    ),
    timed as (
        select
            *,
            case
                when timing <> 'unknown'
                then timing
                when accepted_ny is null
                then 'unknown'
                when cast(accepted_ny as time) < time '09:30:00'
                then 'bmo'
                when cast(accepted_ny as time) >= closes_at
                then 'amc'
                else 'during'
            end as timing_known,
            case
                when timing = 'unknown' then coalesce(cast(accepted_ny as date), report_date) else report_date
            end as announced_on
        from announced
    )
select
    t.instrument_id,
    t.fiscal_quarter,
    t.fiscal_end,
    t.report_date,
    t.timing_known as timing,
    case when t.timing <> 'unknown' then 'nasdaq' when t.timing_known <> 'unknown' then 'sec' end as timing_source,
    t.accepted_at as announced_at,
    case when t.timing = 'unknown' then t.filing_known_at end as timing_known_at,
    case
        when t.timing_known = 'amc' then a.session_date when t.timing_known <> 'unknown' then o.session_date
    end as effective_session,
    t.eps,
    coalesce(t.eps_forecast_before, t.eps_forecast_told) as eps_forecast,
    t.n_estimates,
    t.last_year_eps,
    c.session_no as report_no,
    t.known_at
from timed as t
asof left join {{ ref("int_calendar") }} as c on c.session_date <= t.report_date
asof left join {{ ref("int_calendar") }} as o on o.session_date >= t.announced_on
asof left join {{ ref("int_calendar") }} as a on a.session_date > t.announced_on
order by t.fiscal_quarter, t.instrument_id
