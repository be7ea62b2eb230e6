-- What each company earned, sold and bought back in each fiscal quarter, as vintages. A quarter is told as such,
-- or it is the difference of two spans that began with the same fiscal year: Q2 = six months - three, Q3 = nine - six,
-- Q4 = year - nine. Only dates chain (never the label of a fiscal period), so a company that moves its year end has
-- no quarter made of two years, only those it tells.
--
-- Every filing tells the year before again. Two tellings are subtracted only if they belong together:
-- 1. They are of one generation: both told when they were new, or both a year later, and so on. A line restated in the
-- nine months of the next year and not yet in its year would else put the whole restatement into one quarter. Where a
-- quarter has no difference of one generation yet, one of two will do.
-- 2. Nothing inside the shorter span was told anew, with another figure, between the two filings: the longer one holds
-- that correction and the shorter does not.
-- 3. Per share, and in shares: both are in the same share units. A split between the filings shows in the mean shares
-- that the same filings tell; such a quarter waits until the shorter span is told in new shares.
-- Earnings per share add up as long as the shares hardly change: the means may differ by a tenth. Mean shares do not
-- add up: the quarter is what the two means, weighted by days, leave, and only if they differ by 3 % at most (a loss
-- leaves options out of the count, so a year and its nine months can be counted differently).
with
    told as (
        -- asked for in the evenings after a report is due: what came with a later answer was known when it came. Only
        -- of the first answer of a line, whose history is older than the home, the date of the filing stands in.
        select
            cik,
            concept,
            unit,
            period_start,
            period_end,
            value,
            accession,
            filed as filed_on,
            period_end - period_start + 1 as days,
            floor((filed - period_end + 65) / 365) as generation,
            {{ known_when_it_came("cik, concept") }} as known_at
        from {{ ref("stg_sec_companyconcept") }}
        -- proxy statements tell net income too, in rounded millions
        where form in ('10-Q', '10-Q/A', '10-K', '10-K/A', '10-QT', '10-QT/A', '10-KT', '10-KT/A', '8-K', '8-K/A')
    ),
    one_at_a_time as (
        select *
        from told
        qualify
            row_number() over (
                partition by cik, concept, unit, period_start, period_end, known_at
                order by filed_on desc, accession desc, value
            )
            = 1
    ),
    mean_shares as (
        select *
        from one_at_a_time
        where concept = 'WeightedAverageNumberOfDilutedSharesOutstanding' and unit = 'shares'
        qualify row_number() over (partition by cik, accession, period_start, period_end order by known_at) = 1
    ),
    tellings as (
        select
            t.*,
            -- quarters of 12 to 17 weeks: some companies divide their year into 12, 12, 12 and 16
            case
                when t.days between 80 and 119
                then 1
                when t.days between 160 and 200
                then 2
                when t.days between 245 and 290
                then 3
                when t.days between 350 and 380
                then 4
            end as quarters,
            s.value as shares,
            lead(t.known_at) over told_again as valid_until,
            t.value is distinct from lag(t.value, 1, t.value) over told_again as is_changed
        from one_at_a_time as t
        left join
            mean_shares as s
            on s.cik = t.cik
            and s.accession = t.accession
            and s.period_start = t.period_start
            and s.period_end = t.period_end
        window told_again as (partition by t.cik, t.concept, t.unit, t.period_start, t.period_end order by t.known_at)
    ),
    pairs as (
        -- both spans as they stood when the later of the two was told
        select
            l.cik,
            l.concept,
            l.unit,
            s.period_end + 1 as quarter_start,
            l.period_end as quarter_end,
            case
                when l.unit = 'shares'
                then round((l.value * l.days - s.value * s.days) / (l.days - s.days))
                else round(l.value - s.value, 6)
            end as value,
            greatest(l.known_at, s.known_at) as known_at,
            case when s.known_at > l.known_at then s.accession else l.accession end as accession,
            greatest(l.filed_on, s.filed_on) as filed_on,
            case when l.quarters = 4 then 'year_less_nine_months' else 'difference' end as derivation,
            l.generation = s.generation as is_one_generation,
            l.period_start as span_start,
            s.period_start as part_start,
            s.period_end as part_end,
            s.known_at as part_known_at,
            l.known_at as span_known_at
        from tellings as l
        inner join
            tellings as s
            on s.cik = l.cik
            and s.concept = l.concept
            and s.unit = l.unit
            and s.period_start = l.period_start
            and s.quarters = l.quarters - 1
            and s.known_at < coalesce(l.valid_until, 'infinity')
            and l.known_at < coalesce(s.valid_until, 'infinity')
        where
            l.period_end - s.period_end between 80 and 119
            -- rule 3
            and case
                l.unit
                when 'USD'
                then true
                when 'shares'
                then l.shares / nullif(s.shares, 0) between 0.97 and 1.03
                else l.shares / nullif(s.shares, 0) between 0.9 and 1.1
            end
    ),
    whole_pairs as (
        -- rule 2
        select p.*
        from pairs as p
        where
            not exists (
                select 1
                from tellings as c
                where
                    c.cik = p.cik
                    and c.concept = p.concept
                    and c.unit = p.unit
                    and c.is_changed
                    and c.period_start >= p.part_start
                    and c.period_end <= p.part_end
                    and (c.period_start > p.part_start or c.period_end < p.part_end)
                    and c.known_at > p.part_known_at
                    and c.known_at <= p.span_known_at
            )
    ),
    differences as (
        -- rule 1
        select *
        from whole_pairs
        qualify
            is_one_generation
            or not coalesce(
                bool_or(is_one_generation) over (
                    partition by cik, concept, unit, quarter_end
                    order by known_at
                    range between unbounded preceding and current row
                ),
                false
            )
    ),
    candidates as (
        select
            cik,
            concept,
            unit,
            period_start as quarter_start,
            period_end as quarter_end,
            value,
            known_at,
            accession,
            filed_on,
            'reported' as derivation,
            1 as rank,
            true as is_one_generation
        from tellings
        where quarters = 1
        union all by name
        select
            cik,
            concept,
            unit,
            quarter_start,
            quarter_end,
            value,
            known_at,
            accession,
            filed_on,
            derivation,
            2 as rank,
            is_one_generation
        from differences
    ),
    chosen as (
        -- once a quarter was told as such, its differences count no more
        select *
        from candidates
        qualify
            rank = min(rank) over (
                partition by cik, concept, unit, quarter_end
                order by known_at
                range between unbounded preceding and current row
            )
            and row_number() over (
                partition by cik, concept, unit, quarter_end, known_at
                order by rank, is_one_generation desc, filed_on desc, accession desc, quarter_start desc
            )
            = 1
    ),
    changed as (
        select *
        from chosen
        qualify value is distinct from lag(value) over (partition by cik, concept, unit, quarter_end order by known_at)
    )
select
    cik,
    concept,
    unit,
    quarter_start,
    quarter_end,
    value,
    known_at,
    lead(known_at) over own as valid_until,
    row_number() over own as version_no,
    accession,
    filed_on,
    derivation
from changed
window own as (partition by cik, concept, unit, quarter_end order by known_at)
order by cik, concept, unit, quarter_end, known_at
