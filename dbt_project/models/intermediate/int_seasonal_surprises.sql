-- A surprise that needs no forecast (standardised unexpected earnings, SUE): diluted earnings per share of a quarter
-- less those of the same quarter a year before, over the deviation of the eight such differences before it, all as
-- they stood when the quarter was first filed and in its share units.
with
    quarters as (
        select
            q.*,
            {{ fiscal_quarter("q.quarter_end") }} as fiscal_quarter,
            year(cast(q.quarter_end - 45 as date)) * 4 + quarter(cast(q.quarter_end - 45 as date)) as quarter_no
        from {{ ref("int_company_quarters") }} as q
        where q.concept = 'EarningsPerShareDiluted' and q.unit = 'USD/shares'
    ),
    firsts as (
        select cik, fiscal_quarter, quarter_no, quarter_end, known_at, filed_on
        from quarters
        qualify row_number() over (partition by cik, fiscal_quarter order by known_at) = 1
    ),
    lines as (
        -- an issuer's first line stands for its share units
        select cik, min(instrument_id) as instrument_id
        from {{ ref("int_issuers") }}
        where valid_to is null
        group by cik
    ),
    factors as (
        select l.cik, p.session_date, p.split_factor
        from {{ ref("int_prices") }} as p
        inner join lines as l on l.instrument_id = p.instrument_id
    ),
    dated as (
        select q.*, coalesce(f.split_factor, 1) as factor
        from quarters as q
        asof left join factors as f on f.cik = q.cik and f.session_date <= q.filed_on
    ),
    own as (
        select f.*, coalesce(x.split_factor, 1) as factor
        from firsts as f
        asof left join factors as x on x.cik = f.cik and x.session_date <= f.filed_on
    ),
    seen as (
        select
            o.cik,
            o.fiscal_quarter,
            o.quarter_end,
            o.known_at,
            o.quarter_no - d.quarter_no as back,
            d.value * d.factor / o.factor as eps
        from own as o
        inner join
            dated as d
            on d.cik = o.cik
            and d.quarter_no between o.quarter_no - 12 and o.quarter_no
            and {{ known_at_moment("d", "o.known_at") }}
    ),
    differences as (
        select n.cik, n.fiscal_quarter, n.quarter_end, n.known_at, n.back, round(n.eps - b.eps, 6) as difference
        from seen as n
        inner join seen as b on b.cik = n.cik and b.fiscal_quarter = n.fiscal_quarter and b.back = n.back + 4
    ),
    summed as (
        select
            cik,
            fiscal_quarter,
            quarter_end,
            known_at,
            max(difference) filter (where back = 0) as difference,
            count(*) filter (where back between 1 and 8) as n_before,
            list_stddev_samp(list(difference order by back) filter (where back between 1 and 8)) as deviation
        from differences
        group by cik, fiscal_quarter, quarter_end, known_at
    )
select
    cik,
    fiscal_quarter,
    quarter_end,
    difference,
    round(deviation, 9) as deviation,
    case when n_before = 8 and deviation > 1e-12 then round(difference / deviation, 6) end as sue,
    known_at
from summed
where difference is not null
order by cik, fiscal_quarter
