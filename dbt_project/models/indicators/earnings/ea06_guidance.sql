-- EA06: positive among the companies that gave guidance for the season's quarter, as announced by the session (seed
-- guidance, entered by hand); at least twenty of them.
with
    given as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            cast(date_trunc('quarter', c.session_date) - interval 3 month as date) as fiscal_quarter
        from {{ ref("int_calendar") }} as c
        where c.session_date >= (select min(announced_on) from {{ ref("guidance") }} where world = '{{ var("world") }}')
    ),
    counted as (
        select
            g.session_date,
            g.fiscal_quarter,
            g.snapshot_at,
            count(x.instrument_id) as n_used,
            count(*) filter (where x.direction = 'positive') as positive
        from given as g
        left join
            {{ ref("guidance") }} as x
            on x.world = '{{ var("world") }}'
            and x.fiscal_quarter = g.fiscal_quarter
            and x.announced_on <= g.session_date
        group by g.session_date, g.fiscal_quarter, g.snapshot_at
    ),
    readings as (
        select
            'EA06' as reading_id,
            'guidance' as entity_id,
            session_date,
            fiscal_quarter as obs_period,
            positive / cast(nullif(n_used, 0) as double) as value,
            case when n_used < 20 then 'LOW_COVERAGE' else 'OK' end as status,
            n_used,
            20 as n_expected,
            snapshot_at as known_at
        from counted
    )
    {{ readings("readings", "EA06") }}
