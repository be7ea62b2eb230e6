-- Each sub-test of durability at each session. A part is TRUE or FALSE where the worst and the best case of its
-- measure agree. An alternative holds with all of its parts, a test with one of its alternatives; a fallback is
-- asked only where the others say nothing. Beside the verdict stands the part that decides: of a test that holds
-- the first part of the first alternative that does, else the first part that fails. `distance` is how far its
-- value is on the right side of the threshold; negative, what it lacks.
with
    parts as (
        select
            t.criterion,
            t.test_id,
            t.label,
            t.alternative,
            t.part,
            t.is_fallback,
            t.measure,
            t.op,
            t.threshold,
            t.unit,
            m.session_date,
            m.value,
            m.low,
            m.high,
            m.status,
            m.is_reconstructed,
            m.known_at,
            {% for side in ["low", "high"] %}
                case
                    t.op
                    when '>'
                    then m.{{ side }} > t.threshold
                    when '>='
                    then m.{{ side }} >= t.threshold
                    when '<'
                    then m.{{ side }} < t.threshold
                    when '<='
                    then m.{{ side }} <= t.threshold
                end as is_passed_{{ side }},
            {% endfor %}
        from {{ ref("durability_thresholds") }} as t
        inner join {{ ref("answer_measures") }} as m on m.measure = t.measure
    ),
    decided as (
        select
            *,
            case when is_passed_low = is_passed_high then is_passed_low end as is_passed,
            -- of a value that is not told, the bound that is nearer to failing the other way
            coalesce(value, case when (op in ('>', '>=')) = is_passed_low then low else high end) as value_shown
        from parts
    ),
    alternatives as (
        select
            test_id,
            session_date,
            alternative,
            is_fallback,
            case
                when bool_or(not is_passed) then false when count(is_passed) < count(*) then null else true
            end as holds,
            bool_or(is_reconstructed) as is_reconstructed,
            max(known_at) as known_at
        from decided
        group by test_id, session_date, alternative, is_fallback
    ),
    judged as (
        select
            test_id,
            session_date,
            case
                when bool_or(holds) filter (where not is_fallback)
                then true
                when count(holds) filter (where not is_fallback) = count(*) filter (where not is_fallback)
                then false
                else bool_or(holds) filter (where is_fallback)
            end as is_passed,
            bool_or(is_reconstructed) as is_reconstructed,
            max(known_at) as known_at
        from alternatives
        group by test_id, session_date
    ),
    -- the fallback decides where the others do not
    asked as (
        select
            a.test_id,
            a.session_date,
            a.alternative,
            j.is_passed,
            j.is_reconstructed,
            j.known_at,
            row_number() over (
                partition by a.test_id, a.session_date
                order by a.holds is not distinct from j.is_passed desc, a.is_fallback, a.alternative
            ) as place
        from alternatives as a
        inner join judged as j on j.test_id = a.test_id and j.session_date = a.session_date
    )
select
    d.session_date,
    d.criterion,
    d.test_id,
    d.label,
    d.measure,
    d.op,
    d.threshold,
    d.unit,
    a.is_passed,
    case when a.is_passed is not null then d.value_shown end as value,
    d.low,
    d.high,
    case
        when a.is_passed is null
        then null
        when d.op in ('>', '>=')
        then round(d.value_shown - d.threshold, 9)
        else round(d.threshold - d.value_shown, 9)
    end as distance,
    d.is_fallback,
    case when a.is_passed is not null then 'OK' when d.status = 'OK' then 'LOW_COVERAGE' else d.status end as status,
    a.is_reconstructed,
    a.known_at
from decided as d
inner join asked as a on a.test_id = d.test_id and a.session_date = d.session_date and a.alternative = d.alternative
where a.place = 1
-- of the alternative that decides, the part that does: one that fails, one that is not known, or the first
qualify
    row_number() over (
        partition by d.test_id, d.session_date
        order by d.is_passed is not distinct from a.is_passed desc, d.is_passed is null desc, d.part
    )
    = 1
order by d.session_date, d.test_id
