-- The terms behind each scenario, per session: what was found, what it is held against, and how far away that is.
select
    scenario_id,
    term_no,
    session_date,
    label,
    reading_id,
    value,
    op,
    threshold,
    {{ one_zero("round(value - threshold, 9)") }} as distance,
    is_met,
    status,
    known_at
from {{ ref("scenario_terms_known") }}
order by session_date, scenario_id, term_no
