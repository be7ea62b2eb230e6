-- The short interest of each member of the default universe per session, as known at its snapshot: the newest
-- settlement, in dollars of the session. A settlement older than 35 days says nothing; while files come on time the
-- newest is at most 31 days old. share_short is of the diluted shares of the issuer, whose lines are told together.
with
    sessions as (
        select session_date, session_no, snapshot_at, quarter
        from {{ ref("int_calendar") }}
        where snapshot_at >= (select min(known_at) from {{ ref("int_short_interest") }})
    ),
    settled as (select * from {{ ref("int_short_interest") }}),
    newest as ({{ newest_known("settled", "instrument_id", "settlement_date") }}),
    members as ({{ member_lines("sessions", ref("int_membership"), ref("int_issuers"), ref("int_size_segments")) }}),
    valued as (
        select
            m.*,
            n.settlement_date,
            n.settlement_date >= m.session_date - 35 as is_fresh,
            n.short_interest,
            n.mean_volume,
            n.change,
            n.sessions,
            -- of one share of the settlement day
            p.close * p.split_factor / n.split_factor as price,
            c.size_usd,
            greatest(n.known_at, p.known_at) as known_at,
            c.known_at as size_known_at
        from members as m
        left join
            {{ ref("int_prices") }} as p
            on p.instrument_id = m.instrument_id
            and p.session_no = m.session_no
            and p.doubt is null
        asof left join newest as n on n.instrument_id = m.instrument_id and n.known_at <= m.snapshot_at
        left join
            {{ ref("int_share_counts") }} as c
            on c.source = 'edgar_shares'
            and c.session_no = m.session_no
            and c.instrument_id = m.instrument_id
    ),
    priced as (
        -- whole dollars: their sums do not depend on the order
        select
            *,
            cast(round(case when is_fresh then short_interest * price end) as hugeint) as short_usd,
            cast(round(case when is_fresh then mean_volume * price end) as hugeint) as volume_usd,
            cast(round(case when is_fresh then change * price end) as hugeint) as change_usd,
            cast(round(case when is_fresh then mean_volume * sessions * price end) as hugeint) as traded_usd,
            cast(
                round(case when is_fresh and short_interest * price is not null then size_usd end) as hugeint
            ) as shares_usd
        from valued
    )
select
    universe_id,
    session_date,
    session_no,
    instrument_id,
    turnover,
    settlement_date,
    short_usd,
    volume_usd,
    change_usd,
    traded_usd,
    shares_usd,
    case when volume_usd is not null and is_fresh then short_interest / nullif(mean_volume, 0) end as days_to_cover,
    case
        when shares_usd is not null
        then
            cast(sum(short_usd) filter (where shares_usd is not null) over issuer as double)
            / nullif(cast(sum(shares_usd) over issuer as double), 0)
    end as share_short,
    known_at,
    case when shares_usd is not null then greatest(known_at, size_known_at) end as size_known_at
from priced
window issuer as (partition by universe_id, session_no, issuer_id)
order by session_no, universe_id, instrument_id
