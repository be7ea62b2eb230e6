-- The tone of economic news as it stood at each session: the newest day told by then, the day 20 days before it, and
-- how many of the 365 days that end with it were less cheerful, all in the words of one file. The past is estimated
-- anew in every file: what came with a later one was known when it came; of the first one, whose history is older
-- than the home, the usual day stands in, and what is made of it then is marked. Files have no holes, so a day that is
-- missing lies before the first.
{% set year = 365 %}
with
    told as (
        select observed_on, sentiment, version_no, first_seen_at, {{ known_when_it_came() }} as known_at
        from {{ ref("stg_sf_news_sentiment") }}
    ),
    versions as materialized(
        select
            *,
            coalesce(
                lead(known_at) over (partition by observed_on order by known_at, version_no),
                timestamptz '9999-12-31 00:00:00+00'
            ) as valid_until
        from told
    ),
    newest as ({{ newest_known("versions", "true", "observed_on") }}),
    known as (
        select c.session_date, c.session_no, c.snapshot_at, n.observed_on, n.sentiment, n.first_seen_at, n.known_at
        from {{ ref("int_calendar") }} as c
        asof inner join newest as n on n.known_at <= c.snapshot_at
        where c.session_date >= date '2015-01-02'
    ),
    days as materialized(
        select
            k.session_no,
            k.snapshot_at,
            k.sentiment as now,
            cast(d.back as integer) as back,
            cast(k.observed_on - cast(d.back as integer) as date) as day
        from known as k
        cross join range({{ year }}) as d(back)
    ),
    held as (
        select
            d.session_no,
            count(*) as n_year,
            count(*) filter (where v.sentiment < d.now) as below,
            count(*) filter (where v.sentiment = d.now) as equal,
            max(v.sentiment) filter (where d.back = 20) as sentiment_20,
            max(v.known_at) filter (where d.back = 20) as known_20,
            max(v.known_at) as known_year
        from days as d
        inner join versions as v on v.observed_on = d.day
        where v.known_at <= d.snapshot_at and v.valid_until > d.snapshot_at
        group by d.session_no
    )
select
    k.session_date,
    k.session_no,
    k.observed_on,
    k.sentiment,
    k.sentiment - h.sentiment_20 as change_20,
    100 * (h.below + 0.5 * h.equal) / h.n_year as percentile,
    h.n_year,
    k.first_seen_at > k.snapshot_at as is_reconstructed,
    case when k.session_date - k.observed_on > 21 then 'STALE_INPUT' else 'OK' end as status,
    k.known_at,
    greatest(k.known_at, h.known_20) as known_change,
    h.known_year
from known as k
inner join held as h on h.session_no = k.session_no
order by k.session_no
