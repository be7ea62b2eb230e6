-- Ten years of real total return after each month of the long history, beside the valuation it began with (CAPE as
-- the file tells it). Known with the month that ends the ten years. A figure of the first file is told as its lag
-- rule dates it, and marked, because nobody asked for it then.
with
    months as (
        select month, price, dividend, cpi, cape, known_at, first_seen_at
        from {{ ref("stg_shiller_ie") }}
        where version_no = 1 and price > 0 and cpi > 0 and dividend is not null
    ),
    grown as (
        select
            n.*, ln((n.price + n.dividend / 12) / b.price) - ln(n.cpi / b.cpi) as step, b.month is not null as is_joined
        from months as n
        left join months as b on b.month = n.month - interval 1 month
    ),
    summed as (
        select
            *,
            list_sum(list(step) over ten) as total,
            count(step) over ten as n_steps,
            max(known_at) over ten as all_known_at,
            bool_or(known_at < first_seen_at) over ten as is_reconstructed
        from grown
        window ten as (order by month range between interval 119 month preceding and current row)
    )
select
    b.month,
    e.month as end_month,
    ln(b.cape) as log_cape,
    round(100 * (exp(e.total / 10) - 1), 9) as real_return,
    greatest(e.all_known_at, b.known_at) as known_at,
    e.is_reconstructed
from summed as e
inner join months as b on b.month = e.month - interval 120 month
where e.n_steps = 120 and b.cape > 0
order by b.month
