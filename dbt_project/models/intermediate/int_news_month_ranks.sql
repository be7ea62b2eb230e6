-- Months of indices that count newspapers as they stood at each session: the newest month then known and its
-- rank among the 120 months that end with it, all of one state: files are made anew as a whole and never
-- spliced. A month counts until the next one is overdue, 62 days after its end. A state changes only when
-- something came.
with
    moments as (select distinct index_id, known_at from {{ ref("int_news_months") }}),
    standing as (
        select
            m.index_id,
            m.known_at,
            v.month,
            v.value,
            v.first_seen_at,
            max(v.month) over (partition by m.index_id, m.known_at) as newest
        from moments as m
        inner join
            {{ ref("int_news_months") }} as v
            on v.index_id = m.index_id
            and v.known_at <= m.known_at
            and (v.valid_until is null or v.valid_until > m.known_at)
    ),
    newest as (select * from standing where month = newest),
    ranked as (
        select
            n.index_id,
            n.known_at,
            n.month,
            n.value,
            n.first_seen_at,
            count(*) as n_months,
            100
            * (count(*) filter (where s.value < n.value) + 0.5 * count(*) filter (where s.value = n.value))
            / count(*) as percentile
        from newest as n
        inner join
            standing as s
            on s.index_id = n.index_id
            and s.known_at = n.known_at
            and s.month > n.month - interval 120 month
        group by n.index_id, n.known_at, n.month, n.value, n.first_seen_at
    ),
    spine as (
        select c.session_date, c.session_no, c.snapshot_at, i.index_id
        from {{ ref("int_calendar") }} as c
        cross join (select distinct index_id from {{ ref("int_news_months") }}) as i
    )
select
    s.session_date,
    s.session_no,
    r.index_id,
    r.month,
    r.value,
    case when r.n_months >= 108 then r.percentile end as percentile_10y,
    r.n_months,
    case when s.session_date - last_day(r.month) > 62 then 'STALE_INPUT' else 'OK' end as status,
    r.first_seen_at > s.snapshot_at as is_reconstructed,
    r.known_at
from spine as s
asof inner join ranked as r on r.index_id = s.index_id and r.known_at <= s.snapshot_at
order by r.index_id, s.session_no
