-- Active addresses and transactions of each coin as known at each session: means of the 7 and the 90 days that end with
-- the newest day then known, all in the words of that time. Addresses are labelled anew: what is told differently
-- later counts from then.
{% set metrics = ["active_addresses", "transactions"] %}
with
    newest as ({{ newest_known(ref("stg_coinmetrics_assets"), "asset", "observed_on") }}),
    began as (
        select asset, known_at, min(min(observed_on)) over (partition by asset order by known_at) as first_day
        from {{ ref("stg_coinmetrics_assets") }}
        group by asset, known_at
    ),
    assets as (select asset, min(known_at) as known_at from {{ ref("stg_coinmetrics_assets") }} group by asset),
    known as (
        select c.session_date, c.session_no, c.snapshot_at, a.asset, n.observed_on, g.first_day
        from {{ ref("int_calendar") }} as c
        inner join assets as a on a.known_at <= c.snapshot_at
        asof inner join began as g on g.asset = a.asset and g.known_at <= c.snapshot_at
        asof inner join newest as n on n.asset = a.asset and n.known_at <= c.snapshot_at
    ),
    days as (select k.*, cast(d.back as integer) as back from known as k cross join range(90) as d(back))
select
    d.session_date,
    d.session_no,
    d.asset,
    d.observed_on,
    d.session_date - d.observed_on > 4 as is_stale,
    d.observed_on - 89 < d.first_day as is_before,
    {% for metric in metrics %}
        count(v.{{ metric }}) as n_{{ metric }},
        count(v.{{ metric }}) filter (where d.back < 7) as n_week_{{ metric }},
        sum(v.{{ metric }}) filter (where d.back < 7) / cast(7 as double) as week_{{ metric }},
        sum(v.{{ metric }}) / cast(90 as double) as mean_{{ metric }},
    {% endfor %}
    max(v.known_at) as known_at
from days as d
left join
    {{ ref("stg_coinmetrics_assets") }} as v
    on v.asset = d.asset
    and v.observed_on = d.observed_on - d.back
    and {{ known_at_moment("v", "d.snapshot_at") }}
group by all
order by d.session_no, d.asset
