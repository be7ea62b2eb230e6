-- Net flow of each fund per day (FL01): change of shares outstanding, splits taken out, times net asset value, from
-- first figures. A day without shares has no flow; the next day that has them books the whole change and says over
-- how many sessions (n_days). session_date is the first session at whose snapshot both ends of the change were
-- public. A split is told from both figures of the fund: its value falls and its shares rise by one ratio, or the
-- reverse. A listed split that the figures do not show (the file is restated, or starts later) is none here; an
-- unlisted one is. A day is suspect while nothing confirms it: its shares differ by more than a fifth from those of
-- the three reports before (splits taken out), or its reported assets are to value times shares what they were in
-- none of them (0.1 %). It counts like a day without shares. The next report confirms it by saying the same, and
-- books the whole change then.
with
    days as (
        select
            *, max(known_at) over (partition by instrument_id order by as_of_date rows unbounded preceding) as public_at
        from {{ ref("int_fund_days") }}
    ),
    reported as (
        select
            instrument_id,
            as_of_date,
            nav,
            shares_outstanding,
            total_net_assets,
            lag(as_of_date) over own as date_before,
            nav / lag(nav) over own as nav_step,
            shares_outstanding / lag(shares_outstanding) over own as shares_step
        from days
        where shares_outstanding is not null
        window own as (partition by instrument_id order by as_of_date)
    ),
    stepped as (
        -- both move by more than a market day moves them, in opposite directions
        select *
        from reported
        where abs(ln(nav_step)) > 0.12 and abs(ln(shares_step)) > 0.12 and sign(ln(nav_step)) <> sign(ln(shares_step))
    ),
    ratios as (
        -- what funds split by: n for 1, 1 for n, and small fractions; simpler ones are likelier (`cost`)
        select cast(n as double) / m as ratio, 0.004 * (n + m) as cost
        from range(1, 101) as a(n), range(1, 101) as b(m)
        where n <> m and (n = 1 or m = 1 or n <= 7 and m <= 7) and greatest_common_divisor(n, m) = 1
    ),
    candidates as (
        select s.instrument_id, s.as_of_date, s.nav_step, s.shares_step, r.ratio, r.cost
        from stepped as s
        cross join ratios as r
        union all
        select
            s.instrument_id, s.as_of_date, s.nav_step, s.shares_step, list_product(list(a.value order by a.ex_date)), 0
        from stepped as s
        inner join
            {{ ref("int_corporate_actions") }} as a
            on a.instrument_id = s.instrument_id
            and a.action = 'split'
            and a.ex_date > s.date_before
            and a.ex_date <= s.as_of_date
        group by s.instrument_id, s.as_of_date, s.nav_step, s.shares_step
    ),
    splits as (
        -- the ratio that leaves least: the day's own return and flow must be left over, and no more than 12 % of either
        select instrument_id, as_of_date, ratio
        from candidates
        where
            ratio > 0
            and abs(ln(nav_step * ratio)) <= 0.12
            and abs(ln(shares_step / ratio)) <= 0.12
            and abs(ln(nav_step * ratio)) + abs(ln(shares_step / ratio)) < abs(ln(nav_step)) + abs(ln(shares_step))
        qualify
            row_number() over (
                partition by instrument_id, as_of_date
                order by abs(ln(nav_step * ratio)) + abs(ln(shares_step / ratio)) + cost, ratio
            )
            = 1
    ),
    split_lists as (
        select instrument_id, as_of_date, list(ratio) over own as steps
        from splits
        window own as (partition by instrument_id order by as_of_date rows unbounded preceding)
    ),
    split_factors as (
        -- a list is multiplied left to right, so the product of a prefix never depends on what follows
        select instrument_id, as_of_date, list_reduce(steps, lambda a, b:a * b) as split_factor from split_lists
    ),
    levelled as (
        select r.*, coalesce(f.split_factor, 1) as split_factor
        from reported as r
        asof left join split_factors as f on f.instrument_id = r.instrument_id and f.as_of_date <= r.as_of_date
    ),
    compared as (
        select
            *,
            {% for n in [1, 2, 3] %}
                abs(
                    ln(
                        shares_outstanding
                        / split_factor
                        / nullif(lag(shares_outstanding / split_factor, {{ n }}) over own, 0)
                    )
                ) as shares_off_{{ n }},
                abs(
                    nav
                    * shares_outstanding
                    / total_net_assets
                    / lag(nav * shares_outstanding / total_net_assets, {{ n }}) over own
                    - 1
                ) as assets_off_{{ n }}
                {% if not loop.last %}, {% endif %}
            {% endfor %}
        from levelled
        window own as (partition by instrument_id order by as_of_date)
    ),
    trusted as (
        select
            *,
            coalesce(least(shares_off_1, shares_off_2, shares_off_3) > ln(1.2), false)
            or coalesce(least(assets_off_1, assets_off_2, assets_off_3) > 0.001, false) as is_suspect
        from compared
    ),
    held as (
        select
            instrument_id,
            as_of_date,
            split_factor,
            lag(as_of_date) over own as date_before,
            lag(shares_outstanding) over own as shares_before,
            lag(split_factor) over own as factor_before
        from trusted
        where not is_suspect
        window own as (partition by instrument_id order by as_of_date)
    ),
    flows as (
        select
            d.*,
            t.instrument_id is not null and t.is_suspect as is_suspect,
            h.date_before,
            h.shares_before * (h.split_factor / h.factor_before) as shares_before
        from days as d
        left join trusted as t on t.instrument_id = d.instrument_id and t.as_of_date = d.as_of_date
        left join held as h on h.instrument_id = d.instrument_id and h.as_of_date = d.as_of_date
    ),
    placed as (
        select f.*, n.session_no as observed_no, b.session_no as before_no
        from flows as f
        asof left join
            (select session_date, session_no from {{ ref("int_calendar") }}) as n on n.session_date <= f.as_of_date
        asof left join
            (select session_date, session_no from {{ ref("int_calendar") }}) as b on b.session_date <= f.date_before
    )
select
    f.instrument_id,
    f.fund_category,
    f.as_of_date,
    c.session_date,
    c.session_no,
    f.date_before,
    case when f.shares_before is not null then greatest(f.observed_no - f.before_no, 1) end as n_days,
    f.nav,
    f.shares_outstanding,
    f.total_net_assets,
    f.is_suspect,
    -- a suspect count is no measure of assets either
    case when not f.is_suspect then f.nav * f.shares_outstanding end as aum,
    f.shares_before * f.nav as aum_before,
    (f.shares_outstanding - f.shares_before) * f.nav as net_flow_usd,
    f.source,
    f.public_at as known_at
from placed as f
asof join {{ ref("int_calendar") }} as c on c.snapshot_at >= f.public_at
order by f.as_of_date, f.instrument_id
