-- What is paid on the network of each coin, and what flows to exchanges less what flows from them, as known at each
-- session: means of the 7 and the 90 days that end with the newest day then known of all that is needed, in the words
-- of that time, in coins a day. Addresses are labelled anew: what is told differently later counts from then.
{% set metrics = [
    ("fees", "FeeTotNtv", 1, 1),
    ("netflow", "FlowInExNtv", 1, 2),
    ("netflow", "FlowOutExNtv", -1, 2),
] %}
with
    metrics as (
        {% for kind, metric, sign, parts in metrics %}
            select '{{ kind }}' as kind, '{{ metric }}' as metric, {{ sign }} as sign, {{ parts }} as parts
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),
    newest as ({{ newest_known(ref("stg_coinmetrics_flows"), "series", "observed_on") }}),
    began as (
        select series, known_at, min(min(observed_on)) over (partition by series order by known_at) as first_day
        from {{ ref("stg_coinmetrics_flows") }}
        group by series, known_at
    ),
    series as (
        select f.series, split_part(f.series, '/', 1) as asset, m.*, min(f.known_at) as known_at
        from {{ ref("stg_coinmetrics_flows") }} as f
        inner join metrics as m on m.metric = split_part(f.series, '/', 2)
        group by all
    ),
    told as (
        select c.session_date, c.session_no, c.snapshot_at, s.asset, s.kind, s.parts, n.observed_on, g.first_day
        from {{ ref("int_calendar") }} as c
        inner join series as s on s.known_at <= c.snapshot_at
        asof inner join began as g on g.series = s.series and g.known_at <= c.snapshot_at
        asof inner join newest as n on n.series = s.series and n.known_at <= c.snapshot_at
    ),
    known as (
        select
            session_date,
            session_no,
            snapshot_at,
            asset,
            kind,
            parts,
            min(observed_on) as observed_on,
            max(first_day) as first_day
        from told
        group by all
        having count(*) = parts
    ),
    days as materialized(
        select
            k.session_no,
            k.snapshot_at,
            k.asset,
            k.kind,
            s.series,
            s.sign,
            cast(d.back as integer) as back,
            cast(k.observed_on - cast(d.back as integer) as date) as day
        from known as k
        inner join series as s on s.asset = k.asset and s.kind = k.kind
        cross join range(90) as d(back)
    ),
    versions as materialized(
        select
            series,
            observed_on,
            cast(coins as decimal(28, 8)) as coins,
            known_at,
            coalesce(valid_until, timestamptz '9999-12-31 00:00:00+00') as valid_until
        from {{ ref("stg_coinmetrics_flows") }}
    ),
    held as (
        select
            d.session_no,
            d.asset,
            d.kind,
            count(*) as n_told,
            -- whole parts of a hundred millionth, because sums of floats depend on their order
            cast(sum(d.sign * v.coins) filter (where d.back < 7) as double) as week,
            cast(sum(d.sign * v.coins) as double) as quarter,
            max(v.known_at) as known_at
        from days as d
        inner join versions as v on v.series = d.series and v.observed_on = d.day
        where v.known_at <= d.snapshot_at and v.valid_until > d.snapshot_at
        group by d.session_no, d.asset, d.kind
    )
select
    k.session_date,
    k.session_no,
    k.asset,
    k.kind,
    k.observed_on,
    cast(floor(h.n_told / k.parts) as integer) as n_days,
    h.week / 7 as week_mean,
    h.quarter / 90 as quarter_mean,
    case
        when k.session_date - k.observed_on > 4
        then 'STALE_INPUT'
        when h.n_told = 90 * k.parts
        then 'OK'
        when k.observed_on - 89 < k.first_day
        then 'WARMUP'
        else 'NOT_PUBLISHED'
    end as status,
    h.known_at
from known as k
inner join held as h on h.session_no = k.session_no and h.asset = k.asset and h.kind = k.kind
order by k.session_no, k.asset, k.kind
