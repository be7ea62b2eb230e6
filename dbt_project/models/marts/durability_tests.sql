-- The sub-tests of durability of the headline index at each session: what was asked, what was found, and how far
-- it is from the other answer. Those of the criterion `mechanical` are the override and count for no score.
select
    i.instrument_id as index_id,
    t.session_date,
    t.criterion,
    t.test_id,
    t.label,
    t.measure,
    t.value,
    t.op,
    t.threshold,
    t.unit,
    t.is_passed,
    t.distance,
    t.low as value_low,
    t.high as value_high,
    t.is_fallback,
    t.is_reconstructed,
    t.status,
    t.known_at
from {{ ref("answer_tests") }} as t
cross join {{ ref("int_instruments") }} as i
where i.role = 'headline'
order by t.session_date, t.criterion, t.test_id
