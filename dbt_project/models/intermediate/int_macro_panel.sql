-- What the last periods of each series said at each moment something changed: one source, one vintage per moment.
-- Months and quarters reach back 40 months, weeks 60; a period without a figure has no row.
with
    moments as (
        select distinct e.series_id, e.known_at, m.vintage_source
        from
            (
                select series_id, known_at
                from {{ ref("int_macro_vintages") }}
                union
                select series_id, known_at
                from {{ ref("int_macro_modes") }}
            ) as e
        asof join {{ ref("int_macro_modes") }} as m on m.series_id = e.series_id and m.known_at <= e.known_at
    ),
    newest as (
        select m.series_id, m.known_at, m.vintage_source, v.newest_period
        from moments as m
        asof join
            (
                select
                    series_id,
                    vintage_source,
                    known_at,
                    max(obs_period) over (
                        partition by series_id, vintage_source
                        order by known_at
                        range between unbounded preceding and current row
                    ) as newest_period
                from {{ ref("int_macro_vintages") }}
            ) as v
            on v.series_id = m.series_id
            and v.vintage_source = m.vintage_source
            and v.known_at <= m.known_at
    )
select
    n.series_id,
    n.known_at,
    n.vintage_source,
    n.newest_period,
    v.obs_period,
    arg_max(v.value, v.known_at) as value,
    min(v.known_at) as first_known_at
from newest as n
inner join {{ ref("series") }} as s on s.series_id = n.series_id
inner join
    {{ ref("int_macro_vintages") }} as v
    on v.series_id = n.series_id
    and v.vintage_source = n.vintage_source
    and v.known_at <= n.known_at
    and v.obs_period <= n.newest_period
    and v.obs_period
    > n.newest_period - case when s.frequency like 'W%' then interval 420 day else interval 40 month end
group by n.series_id, n.known_at, n.vintage_source, n.newest_period, v.obs_period
order by n.known_at, n.series_id, v.obs_period
