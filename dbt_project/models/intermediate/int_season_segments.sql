-- The reporting season of each session by segment and source: how many reported, how many beat, what they earned
-- against what was expected and against the year before. Sums are of whole dollars over those who have both figures;
-- coverage is their part of last quarter's trading. judged are those of the reported that had a forecast: fewer than
-- five say nothing. Nothing is mixed: nasdaq speaks on the analysts' basis, edgar as filed.
with
    tagged as (
        select
            c.*,
            t.segment_type,
            t.segment_id,
            case when c.source = 'nasdaq' and t.segment_type = 'universe' then c.issuer_id end as placed_issuer
        from {{ ref("int_season_companies") }} as c
        cross join
            lateral(
                select
                    unnest(['universe', 'sector', 'size']) as segment_type,
                    unnest([c.universe_id, c.sector_id, c.size_id]) as segment_id
            ) as t
        where t.segment_id is not null
    ),
    -- who is large and who gained most is asked of the whole index on the analysts' basis only
    places as (
        select
            session_no,
            issuer_id,
            row_number() over (day order by size_usd desc nulls last, issuer_id) as size_place,
            row_number() over (day order by amount - prior desc nulls last, issuer_id) as change_place
        from {{ ref("int_season_companies") }}
        where source = 'nasdaq'
        window day as (partition by universe_id, session_no)
    ),
    ranked as (
        select
            t.*,
            t.amount is not null and t.prior is not null as has_both,
            case when t.amount is not null and t.prior is not null then t.amount - t.prior end as change,
            case when t.amount is not null and t.prior > 0 then t.amount / t.prior - 1 end as growth,
            p.size_place,
            p.change_place
        from tagged as t
        left join places as p on p.session_no = t.session_no and p.issuer_id = t.placed_issuer
    ),
    summed as (
        select
            universe_id,
            session_date,
            session_no,
            fiscal_quarter,
            source,
            segment_type,
            segment_id,
            count(*) as members,
            count(*) filter (where is_reported) as reported,
            count(beat) as judged,
            count(*) filter (where beat > 0) as beats,
            count(*) filter (where beat = 0) as in_line,
            count(*) filter (where beat < 0) as misses,
            count(surprise_pct) as n_surprises,
            median(surprise_pct) as median_surprise,
            sum(cast(met as hugeint)) filter (where expected is not null) as met,
            sum(cast(expected as hugeint)) filter (where met is not null) as expected,
            count(*) filter (where has_both) as n_both,
            sum(cast(amount as hugeint)) filter (where has_both) as amount,
            sum(cast(prior as hugeint)) filter (where has_both) as prior,
            sum(cast(amount as hugeint)) filter (where has_both and size_place > 7) as amount_ex7,
            sum(cast(prior as hugeint)) filter (where has_both and size_place > 7) as prior_ex7,
            count(*) filter (where change > 0) as grew,
            median(growth) as median_growth,
            sum(cast(change as hugeint)) as change,
            sum(cast(change as hugeint)) filter (where change > 0 and change_place <= 10) as change_top10,
            sum(cast(amount as hugeint)) filter (where amount > 0) as earned,
            list_sum(list(amount * amount order by issuer_id) filter (where amount > 0)) as squares,
            sum(turnover) as turnover,
            sum(turnover) filter (where has_both) as turnover_both,
            sum(turnover) filter (where beat is not null) as turnover_judged,
            sum(turnover) filter (where beat is not null and met is not null and expected is not null) as turnover_met,
            max(known_at) as known_at
        from ranked
        group by universe_id, session_date, session_no, fiscal_quarter, source, segment_type, segment_id
    )
select
    s.universe_id,
    s.session_date,
    s.session_no,
    s.fiscal_quarter,
    s.source,
    s.segment_type,
    s.segment_id,
    s.members,
    s.reported,
    s.judged,
    s.beats,
    s.in_line,
    s.misses,
    s.n_surprises,
    s.median_surprise,
    case
        when s.expected <> 0 then 100 * cast(s.met - s.expected as double) / abs(cast(s.expected as double))
    end as surprise_pct,
    s.n_both,
    case when s.prior > 0 then 100 * (cast(s.amount as double) / cast(s.prior as double) - 1) end as growth,
    case
        when s.prior_ex7 > 0 then 100 * (cast(s.amount_ex7 as double) / cast(s.prior_ex7 as double) - 1)
    end as growth_ex7,
    s.grew,
    100 * s.median_growth as median_growth,
    s.change,
    case when s.change > 0 then cast(s.change_top10 as double) / cast(s.change as double) end as top10_share,
    s.squares / nullif(power(cast(s.earned as double), 2), 0) as hhi,
    round(coalesce(s.turnover_both, 0) / nullif(s.turnover, 0), 6) as coverage,
    case
        when s.source = 'edgar'
        then 'NOT_AVAILABLE'
        when s.judged < 5 or s.n_surprises = 0
        then 'LOW_COVERAGE'
        else 'OK'
    end as status_beats,
    -- a sum in dollars needs the shares of those who reported: of a few of them it would speak for all
    case
        when s.source = 'edgar'
        then 'NOT_AVAILABLE'
        when s.judged < 5 or s.n_surprises = 0 or coalesce(s.expected, 0) = 0
        then 'LOW_COVERAGE'
        when coalesce(s.turnover_met, 0) < u.earnings_floor * s.turnover_judged
        then 'LOW_COVERAGE'
        else 'OK'
    end as status_surprise,
    case
        when s.n_both = 0 or coalesce(s.turnover_both, 0) < u.earnings_floor * s.turnover
        then 'LOW_COVERAGE'
        when s.prior <= 0
        then 'UNDEFINED'
        else 'OK'
    end as status_growth,
    coalesce(s.known_at, k.snapshot_at) as known_at
from summed as s
inner join {{ ref("universes") }} as u on u.universe_id = s.universe_id
inner join {{ ref("int_calendar") }} as k on k.session_no = s.session_no
order by s.session_no, s.source, s.segment_type, s.segment_id
