-- Sessions whose snapshot (20:00 New York) has passed at as_of. session_no counts from the first session of the
-- seed. A day on which the exchange seems to have been shut is none (int_suspected_closures), so that what the next
-- session moved is a move since the last one that traded. Without an as_of the newest fact about the market is the
-- clock, so that no session of the future exists.
with
    numbered as (
        select
            date as session_date,
            row_number() over (order by date) as session_no,
            snapshot_at,
            close_at,
            is_half_day,
            is_bond_day,
            max(date) over (partition by date_trunc('week', date)) as week_end,
            max(date) over (partition by date_trunc('month', date)) as month_end,
            extract(year from date) || '-Q' || extract(quarter from date) as quarter
        from {{ ref("calendar") }}
        where is_session and date not in (select session_date from {{ ref("int_suspected_closures") }})
    )
select
    session_date,
    cast(session_no as integer) as session_no,
    snapshot_at,
    close_at,
    is_half_day,
    is_bond_day,
    week_end,
    month_end,
    quarter,
    session_date = max(session_date) over () as is_latest
from numbered
where
    snapshot_at <= case
        when {{ as_of() }} < timestamptz '9999-01-01T00:00:00Z'
        then {{ as_of() }}
        else
            (
                select max(known_at)
                from {{ ref("stg_yahoo_bars") }}
                where {{ as_of() }} >= timestamptz '9999-01-01T00:00:00Z'
            )
    end
order by session_date
