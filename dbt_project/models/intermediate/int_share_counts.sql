-- How many shares of each line of stock an index holds, in relation to one another, per session and source, from what
-- was known at its snapshot and in shares of that session: the newest file of a fund (not older than five sessions),
-- whose shares lie in the index's proportions; or the diluted shares of the newest report, in the units of the day it
-- was filed and divided equally among the lines of an issuer that were members then, because a report does not say how
-- many are of which. Who joins at the next session has a row as well: that session opens with it.
with
    sessions as (
        select
            session_date,
            session_no,
            snapshot_at,
            coalesce(lead(session_date) over (order by session_no), session_date) as next_session
        from {{ ref("int_calendar") }}
    ),
    named as ({{ ticker_spells(ref("instrument_symbols"), ref("int_instruments")) }}),
    files as (
        select 'spy_holdings' as source, as_of_date, ticker, shares_held, is_equity, known_at, valid_until
        from {{ ref("stg_spy_holdings") }}
        union all
        select 'ivv_holdings', as_of_date, ticker, shares_held, is_equity, known_at, valid_until
        from {{ ref("stg_ivv_holdings") }}
    ),
    dated as (
        select f.source, f.as_of_date, min(f.known_at) as known_at, max(c.session_no) as as_of_no
        from files as f
        asof join sessions as c on c.session_date <= f.as_of_date
        group by f.source, f.as_of_date
    ),
    -- the newest file known at each snapshot, as long as it is fresh
    fresh as (
        select s.session_no, s.snapshot_at, d.source, d.as_of_date, d.as_of_no
        from sessions as s
        inner join dated as d on d.known_at <= s.snapshot_at and d.as_of_no between s.session_no - 5 and s.session_no
        where {{ is_made("s.session_date") }}
        qualify row_number() over (partition by s.session_no, d.source order by d.as_of_date desc) = 1
    ),
    lines as (
        -- a ticker means whoever bore it on the day of the file
        select f.*, n.instrument_id
        from files as f
        left join named as n on n.ticker = {{ bare_ticker("f.ticker") }} and {{ holds_at("n", "f.as_of_date") }}
        where f.is_equity and f.shares_held > 0
    ),
    held as (
        -- each line as it was told at the snapshot: a file that was corrected later counts as corrected from then on
        select
            f.session_no,
            f.source,
            l.instrument_id,
            cast(list_sum(list(l.shares_held order by l.shares_held)) as double) as shares,
            f.as_of_no as unit_no,
            f.as_of_date,
            max(l.known_at) as known_at
        from fresh as f
        inner join
            lines as l
            on l.source = f.source
            and l.as_of_date = f.as_of_date
            and {{ known_at_moment("l", "f.snapshot_at") }}
        where l.instrument_id is not null
        group by f.session_no, f.source, l.instrument_id, f.as_of_no, f.as_of_date
    ),
    members as materialized(
        -- Materialized, because the as-of join below is planned badly into it. And who joins at the next session,
        -- which opens with what it weighs this evening
        select
            s.session_no,
            s.session_date,
            s.snapshot_at,
            m.instrument_id,
            n.issuer_id,
            n.cik,
            bool_or(s.session_date >= m.valid_from) as is_member
        from {{ ref("int_membership") }} as m
        inner join
            sessions as s on s.next_session >= m.valid_from and (m.valid_to is null or s.session_date < m.valid_to)
        inner join
            {{ ref("int_issuers") }} as n on n.instrument_id = m.instrument_id and {{ holds_at("n", "s.snapshot_at") }}
        where m.is_default and {{ is_made("s.session_date") }}
        group by s.session_no, s.session_date, s.snapshot_at, m.instrument_id, n.issuer_id, n.cik
        -- a further line of a company that has one opens with nothing: the other holds all its shares this evening
        qualify is_member or not bool_or(is_member) over (partition by s.session_no, n.cik)
    ),
    told as (
        -- of one filing the shortest of the newest period: the quarter where it is told, else the year
        select cik, period_end, filed, known_at, value, 1 as version_no
        from {{ ref("stg_sec_companyconcept") }}
        where concept = 'WeightedAverageNumberOfDilutedSharesOutstanding' and value > 0
        qualify
            row_number() over (
                partition by cik, known_at order by period_end desc, period_start desc, accession desc, version_no desc
            )
            = 1
    ),
    newest as ({{ newest_known("told", "cik", "period_end") }}),
    filings as materialized(
        select n.*, u.session_no as unit_no from newest as n asof join sessions as u on u.session_date <= n.filed
    ),
    reported as (
        select
            m.session_no,
            'edgar_shares' as source,
            m.instrument_id,
            n.value * coalesce(r.lines_per_share, 1) / count(*) over (partition by m.session_no, m.cik) as shares,
            n.unit_no,
            n.period_end as as_of_date,
            n.known_at
        from members as m
        asof inner join filings as n on n.cik = m.cik and n.known_at <= m.snapshot_at
        left join {{ ref("share_units") }} as r on r.world = '{{ var("world") }}' and r.issuer_id = m.issuer_id
        -- the report of a quarter that ended more than 200 days ago says nothing of today
        where n.period_end > m.session_date - 200
    ),
    counted as (
        select *
        from held
        union all by name
        select *
        from reported
    )
select
    p.session_date,
    c.session_no,
    c.source,
    c.instrument_id,
    c.as_of_date,
    c.shares * p.split_factor / u.split_factor as shares,
    c.shares * p.split_factor / u.split_factor * p.close as size_usd,
    greatest(c.known_at, p.known_at) as known_at
from counted as c
inner join
    {{ ref("int_prices") }} as p
    on p.instrument_id = c.instrument_id
    and p.session_no = c.session_no
    and p.doubt is null
asof inner join
    (select instrument_id, session_no, split_factor from {{ ref("int_prices") }}) as u
    on u.instrument_id = c.instrument_id
    and u.session_no <= c.unit_no
order by c.session_no, c.source, c.instrument_id
