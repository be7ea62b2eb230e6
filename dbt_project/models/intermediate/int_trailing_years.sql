-- The last four quarters of each company and line of its reports, and the four before, as they stood whenever one of
-- them was told: only quarters that follow one another day by day. A line that was never told has no row, and never a
-- zero.
with
    quarters as (select * from {{ ref("int_company_quarters") }} where unit = 'USD'),
    moments as (select distinct cik, concept, known_at from quarters),
    held as (
        select
            m.cik,
            m.concept,
            m.known_at,
            q.quarter_start,
            q.quarter_end,
            q.value,
            row_number() over newest as place,
            lag(q.quarter_start) over newest as later_start
        from moments as m
        inner join quarters as q on q.cik = m.cik and q.concept = m.concept and {{ known_at_moment("q", "m.known_at") }}
        window newest as (partition by m.cik, m.concept, m.known_at order by q.quarter_end desc)
    ),
    chained as (
        -- a quarter counts while all later ones follow without a gap of more than three days
        select
            *,
            bool_and(place = 1 or later_start - quarter_end between -2 and 4) over (
                partition by cik, concept, known_at order by place
            ) as is_chained
        from held
        where place <= 8
    )
select
    cik,
    concept,
    known_at,
    max(quarter_end) as period_end,
    case
        when count(*) filter (where is_chained and place <= 4) = 4
        then sum(cast(value as hugeint)) filter (where place <= 4)
    end as last_year,
    case
        when count(*) filter (where is_chained) = 8 then sum(cast(value as hugeint)) filter (where place > 4)
    end as year_before
from chained
group by cik, concept, known_at
order by cik, concept, known_at
