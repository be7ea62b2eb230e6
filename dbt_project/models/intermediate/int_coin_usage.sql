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
    -- days rather than a range: equal keys are found by hash, and only what then matches is compared by moment
    days as materialized(
        select k.*, cast(d.back as integer) as back, cast(k.observed_on - cast(d.back as integer) as date) as day
        from known as k
        cross join range(90) as d(back)
    ),
    versions as materialized(
        select
            asset,
            observed_on,
            active_addresses,
            transactions,
            known_at,
            coalesce(valid_until, timestamptz '9999-12-31 00:00:00+00') as valid_until
        from {{ ref("stg_coinmetrics_assets") }}
    ),
    held as materialized(
        select d.session_no, d.asset, d.back, v.active_addresses, v.transactions, v.known_at
        from days as d
        inner join versions as v on v.asset = d.asset and v.observed_on = d.day
        where v.known_at <= d.snapshot_at and v.valid_until > d.snapshot_at
    )
select
    k.session_date,
    k.session_no,
    k.asset,
    k.observed_on,
    k.session_date - k.observed_on > 4 as is_stale,
    k.observed_on - 89 < k.first_day as is_before,
    {% for metric in metrics %}
        count(h.{{ metric }}) as n_{{ metric }},
        count(h.{{ metric }}) filter (where h.back < 7) as n_week_{{ metric }},
        sum(h.{{ metric }}) filter (where h.back < 7) / cast(7 as double) as week_{{ metric }},
        sum(h.{{ metric }}) / cast(90 as double) as mean_{{ metric }},
    {% endfor %}
    max(h.known_at) as known_at
from known as k
inner join held as h on h.session_no = k.session_no and h.asset = k.asset
group by all
order by k.session_no, k.asset
