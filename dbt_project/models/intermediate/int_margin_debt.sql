-- What customers owe on margin and hold in free credit at the end of each month, as known at each session: first
-- figures of the newest month told, with its change on a month and on a year, and the change of the headline index
-- between the same month ends. A month that came after the next one is left out. The newest month counts until the
-- next one is overdue, 62 days after its end (on time it is at most 56 days old).
with
    told as (
        select month, debit_usd, credit_cash_usd, credit_margin_usd, known_at
        from {{ ref("stg_finra_margin") }}
        where version_no = 1
        qualify {{ came_in_order("1", "month") }}
    ),
    closes as (
        select session_date, close_ticks as close, known_at from {{ ref("int_headline_returns") }} where is_traded
    ),
    ends as (
        select t.*, c.close, c.known_at as close_known_at, c.session_date as close_date
        from (select *, last_day(month) as month_end from told) as t
        asof left join closes as c on c.session_date <= t.month_end
    ),
    changed as (
        select
            e.*,
            min(e.month) over () as first_month,
            m.debit_usd as debit_month,
            y.debit_usd as debit_year,
            -- a month end without a bar of the index near it is none
            case when e.month_end - e.close_date <= 5 then e.close end as close_now,
            case when m.month_end - m.close_date <= 5 then m.close end as close_month,
            case when y.month_end - y.close_date <= 5 then y.close end as close_year,
            greatest(e.known_at, e.close_known_at, m.close_known_at) as month_known_at,
            greatest(e.known_at, e.close_known_at, y.close_known_at) as year_known_at
        from ends as e
        left join ends as m on m.month = e.month - interval 1 month
        left join ends as y on y.month = e.month - interval 1 year
    )
select
    c.session_date,
    c.session_no,
    d.month,
    d.month_end,
    d.debit_usd,
    d.credit_cash_usd + d.credit_margin_usd - d.debit_usd as net_credit_usd,
    100 * (d.debit_usd / d.debit_month - 1) as debit_change_1m,
    100 * (d.debit_usd / d.debit_year - 1) as debit_change_1y,
    100 * (d.close_now / cast(d.close_month as double) - 1) as index_change_1m,
    100 * (d.close_now / cast(d.close_year as double) - 1) as index_change_1y,
    d.first_month,
    case when c.session_date - d.month_end <= 62 then 'OK' else 'STALE_INPUT' end as status,
    d.known_at,
    d.month_known_at,
    d.year_known_at
from {{ ref("int_calendar") }} as c
asof inner join changed as d on d.known_at <= c.snapshot_at
order by c.session_no
