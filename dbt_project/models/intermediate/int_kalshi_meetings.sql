-- Chances of a lower, the same and a higher target range after each meeting as the prediction market has them, and the
-- effective rate they imply: the mean range, with the effective rate as far above its lower end as today.
select
    k.session_date,
    k.session_no,
    k.meeting_date,
    coalesce(
        sum(cast(k.probability as decimal(18, 12))) filter (where k.range_low < r.target_lower - 1e-6), 0
    ) as p_cut,
    coalesce(
        sum(cast(k.probability as decimal(18, 12))) filter (where abs(k.range_low - r.target_lower) < 1e-6), 0
    ) as p_hold,
    coalesce(
        sum(cast(k.probability as decimal(18, 12))) filter (where k.range_low > r.target_lower + 1e-6), 0
    ) as p_hike,
    sum(cast(k.probability * k.range_low as decimal(18, 12))) + r.effr_less_lower_bp / 100 as expected_rate,
    case when r.status_target <> 'OK' then r.status_target else r.status_effr end as status,
    r.snapshot_at as known_at
from {{ ref("int_kalshi_ranges") }} as k
inner join {{ ref("int_rate_sessions") }} as r on r.session_no = k.session_no
group by
    k.session_date, k.session_no, k.meeting_date, r.effr_less_lower_bp, r.status_target, r.status_effr, r.snapshot_at
order by k.session_date, k.meeting_date
