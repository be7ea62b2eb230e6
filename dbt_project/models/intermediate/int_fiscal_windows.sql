-- What the newest statement known at each session says with those before it: the cash deficit of 30 days, of
-- the fiscal year so far and of the one before up to the same working day, of 365 days and of the 365 before
-- those; the change of the balance over 20 statements. A window speaks when no statement is missing in it
-- (LOW_COVERAGE), all of it was known by then, and every day adds up (SUSPECT_INPUT). A window that begins
-- with the first statement held or before it is one of WARMUP: nobody can tell what that one follows. Nothing
-- newer than seven days ago is stale.
{% set windows = [
    ("30d", "order by observed_on range between interval 29 day preceding and current row", "observed_on - 29"),
    (
        "fytd",
        "partition by fiscal_year order by observed_on rows between unbounded preceding and current row",
        "make_date(fiscal_year - 1, 10, 1)",
    ),
    ("365d", "order by observed_on range between interval 364 day preceding and current row", "observed_on - 364"),
    (
        "before",
        "order by observed_on range between interval 729 day preceding and interval 365 day preceding",
        "observed_on - 729",
    ),
] %}
with
    summed as (
        select
            observed_on,
            fiscal_year,
            known_at,
            row_number() over (partition by fiscal_year order by observed_on) as day_no,
            {% for name, window, first_day in windows %}
                sum(deficit_usd) over ({{ window }}) as deficit_{{ name }},
                max(known_at) over ({{ window }}) as known_{{ name }},
                bool_and(follows and known_at is not null) over ({{ window }}) as is_whole_{{ name }},
                bool_and(adds_up) over ({{ window }}) as adds_up_{{ name }},
                {{ first_day }} <= min(observed_on) over () as is_young_{{ name }}
                {% if not loop.last %}, {% endif %}
            {% endfor %}
        from {{ ref("int_fiscal_days") }}
    ),
    years as (select fiscal_year, max(day_no) as days from summed group by fiscal_year),
    flows as (
        select
            s.*,
            p.deficit_fytd as deficit_prior,
            greatest(s.known_fytd, p.known_fytd) as known_prior,
            coalesce(s.is_whole_fytd and p.is_whole_fytd, false) as is_whole_prior,
            coalesce(s.adds_up_fytd and p.adds_up_fytd, false) as adds_up_prior,
            make_date(s.fiscal_year - 2, 10, 1) <= min(s.observed_on) over () as is_young_prior
        from summed as s
        left join years as y on y.fiscal_year = s.fiscal_year - 1
        -- a year may have a working day more than the one before it
        left join summed as p on p.fiscal_year = y.fiscal_year and p.day_no = least(s.day_no, y.days)
    ),
    cash as (
        select
            observed_on,
            cash_known_at as known_at,
            closing_usd - lag(closing_usd, 20) over (order by observed_on) as change_usd,
            max(cash_known_at) over steps as known_20d,
            bool_and(follows and cash_known_at is not null) over steps as is_whole_20d,
            row_number() over (order by observed_on) <= 20 as is_young_20d
        from {{ ref("int_fiscal_days") }}
        window steps as (order by observed_on rows between 19 preceding and current row)
    ),
    began as (
        select
            min(known_at) as known_at,
            greatest(
                coalesce(min(known_at) filter (where item = 'deposits'), timestamptz '9999-12-31 00:00:00+00'),
                coalesce(min(known_at) filter (where item = 'closing'), timestamptz '9999-12-31 00:00:00+00')
            ) as flows_since
        from {{ ref("stg_fiscal_dts") }}
    ),
    known as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            b.flows_since <= c.snapshot_at as are_flows_held,
            f.* exclude (known_at),
            f.known_at as flows_known_at,
            h.observed_on as cash_on,
            h.known_at as cash_known_at,
            h.change_usd,
            h.known_20d,
            h.is_whole_20d,
            h.is_young_20d
        from {{ ref("int_calendar") }} as c
        inner join began as b on b.known_at <= c.snapshot_at
        asof left join
            (
                select *
                from flows
                where known_at is not null
                qualify
                    observed_on
                    = max(observed_on) over (order by known_at range between unbounded preceding and current row)
            ) as f
            on f.known_at <= c.snapshot_at
        asof left join
            (
                select *
                from cash
                where known_at is not null
                qualify
                    observed_on
                    = max(observed_on) over (order by known_at range between unbounded preceding and current row)
            ) as h
            on h.known_at <= c.snapshot_at
    )
select
    session_date,
    session_no,
    snapshot_at,
    are_flows_held,
    observed_on,
    cash_on,
    {% for name in ["30d", "fytd", "365d", "before", "prior"] %}
        deficit_{{ name }},
        case
            when observed_on is null
            then 'WARMUP'
            when session_date - observed_on > 7
            then 'STALE_INPUT'
            when is_young_{{ name }}
            then 'WARMUP'
            when known_{{ name }} > snapshot_at or not coalesce(is_whole_{{ name }}, false)
            then 'LOW_COVERAGE'
            when not adds_up_{{ name }}
            then 'SUSPECT_INPUT'
            else 'OK'
        end as status_{{ name }},
        case when known_{{ name }} <= snapshot_at then known_{{ name }} else flows_known_at end as known_{{ name }},
    {% endfor %}
    change_usd,
    case
        when cash_on is null
        then 'WARMUP'
        when session_date - cash_on > 7
        then 'STALE_INPUT'
        when is_young_20d
        then 'WARMUP'
        when known_20d > snapshot_at or not is_whole_20d
        then 'LOW_COVERAGE'
        else 'OK'
    end as status_20d,
    case when known_20d <= snapshot_at then known_20d else cash_known_at end as known_20d
from known
order by session_no
