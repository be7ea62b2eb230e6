-- What futures imply for each meeting ahead: chances of the range ending lower, as it is, or higher than now (from the
-- convolution of all steps up to the meeting), chances of a cut, a hold and a hike at the meeting itself, and the rate.
with
    ranges as (
        select
            session_date,
            variant,
            meeting_date,
            sum(cast(probability as decimal(18, 12))) filter (where steps < 0) as p_cut,
            sum(cast(probability as decimal(18, 12))) filter (where steps = 0) as p_hold,
            sum(cast(probability as decimal(18, 12))) filter (where steps > 0) as p_hike,
            sum(cast(25 * steps * probability as decimal(18, 9))) as expected_bp
        from {{ ref("int_policy_ranges") }}
        group by session_date, variant, meeting_date
    )
select
    p.session_date,
    c.session_no,
    c.snapshot_at,
    p.variant,
    p.meeting_date,
    p.meeting_no,
    p.is_meeting,
    p.start_rate,
    p.end_rate,
    p.residual_bp,
    p.status,
    cast(coalesce(r.p_cut, 0) as double) as p_cut,
    cast(coalesce(r.p_hold, 0) as double) as p_hold,
    cast(coalesce(r.p_hike, 0) as double) as p_hike,
    cast(r.expected_bp as double) as expected_bp,
    -- of the step alone: between no move and one, or certainly one or more
    {% for name, moves in [("cut", "p.start_rate - p.end_rate"), ("hike", "p.end_rate - p.start_rate")] %}
        case when {{ moves }} is not null then greatest(0, least(1, ({{ moves }}) / 0.25)) end as step_{{ name }},
    {% endfor %}
    case
        when p.start_rate - p.end_rate is not null then greatest(0, 1 - abs(p.end_rate - p.start_rate) / 0.25)
    end as step_hold,
    case
        when not p.is_meeting
        then 'NOT_AVAILABLE'
        when p.status <> 'OK'
        then p.status
        when r.expected_bp is null
        then 'ILL_CONDITIONED'
        else 'OK'
    end as status_probability
from {{ ref("int_policy_paths") }} as p
inner join {{ ref("int_calendar") }} as c on c.session_date = p.session_date
left join
    ranges as r
    on r.session_date = p.session_date
    and r.variant = p.variant
    and r.meeting_date = p.meeting_date
    and p.is_meeting
order by p.session_date, p.variant, p.meeting_date
