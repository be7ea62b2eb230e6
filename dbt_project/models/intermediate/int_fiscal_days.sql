-- Daily Treasury Statements, first figures, one row per day: the cash deficit (withdrawals without repaid debt
-- less deposits without new debt), the balance, and two checks. A day whose opening balance is not the closing
-- one of the day held before it follows a statement that is missing. The deficit must be what was borrowed on
-- balance less the rise of the account; the lines are rounded to millions, so a tenth of a billion is allowed.
with
    told as (
        select
            observed_on,
            {% for item in ["deposits", "withdrawals", "debt_issues", "debt_redemptions", "opening", "closing"] %}
                max(cast(amount_usd as bigint)) filter (where item = '{{ item }}') as {{ item }},
            {% endfor %}
            max(known_at) filter (where item in ('opening', 'closing')) as cash_known_at,
            max(known_at) as known_at
        from {{ ref("stg_fiscal_dts") }}
        where version_no = 1
        group by observed_on
    ),
    made as (
        select
            observed_on,
            year(observed_on + interval 3 month) as fiscal_year,
            closing as closing_usd,
            (withdrawals - debt_redemptions) - (deposits - debt_issues) as deficit_usd,
            (debt_issues - debt_redemptions) - (closing - opening) as financed_usd,
            opening = lag(closing) over (order by observed_on) as follows,
            case when opening is not null and closing is not null then cash_known_at end as cash_known_at,
            case
                when deposits + withdrawals + debt_issues + debt_redemptions + opening + closing is not null
                then known_at
            end as known_at
        from told
    )
select
    observed_on,
    fiscal_year,
    closing_usd,
    deficit_usd,
    financed_usd,
    coalesce(follows, false) as follows,
    coalesce(abs(deficit_usd - financed_usd) <= 100000000, false) as adds_up,
    cash_known_at,
    known_at
from made
order by observed_on
