-- What each source expected of the policy rate at each session, meeting by meeting. zq: fed funds futures in both
-- variants; kalshi: the ladder of a prediction market; mpt: the Atlanta Fed's tracker, which speaks of windows of three
-- months; bills: yields of three and six months, which speak of the mean until then and carry premia of their own.
-- Market-implied odds are prices, not forecasts.
with
    futures as (
        select
            session_date,
            meeting_date,
            case when is_meeting then 'meeting' else 'month' end as span,
            variant,
            'zq' as source,
            p_cut,
            p_hold,
            p_hike,
            step_cut,
            step_hold,
            step_hike,
            start_rate,
            end_rate as expected_rate,
            expected_bp,
            residual_bp as fit_resid_bp,
            status,
            case when is_meeting then status else 'NOT_AVAILABLE' end as status_step,
            status_probability,
            snapshot_at as known_at
        from {{ ref("int_meeting_odds") }}
    ),
    tracker as (
        select
            c.session_date,
            m.reference_start as meeting_date,
            'window_3m' as span,
            'window' as variant,
            'mpt' as source,
            m.p_cut,
            1 - m.p_cut - m.p_hike as p_hold,
            m.p_hike,
            m.rate_mean as expected_rate,
            case when m.rate_mean is null then 'NOT_PUBLISHED' else 'OK' end as status,
            'NOT_AVAILABLE' as status_step,
            case when m.p_cut is null or m.p_hike is null then 'UNDEFINED' else 'OK' end as status_probability,
            c.snapshot_at as known_at
        from {{ ref("int_mpt_windows") }} as m
        inner join {{ ref("int_calendar") }} as c on c.session_no = m.session_no
    ),
    ladders as (
        select
            session_date,
            meeting_date,
            'meeting' as span,
            'ladder' as variant,
            'kalshi' as source,
            p_cut,
            p_hold,
            p_hike,
            expected_rate,
            status,
            'NOT_AVAILABLE' as status_step,
            status as status_probability,
            known_at
        from {{ ref("int_kalshi_meetings") }}
    ),
    bills as (
        select
            s.session_date,
            cast(s.session_date + interval 3 month as date) as meeting_date,
            'mean_until' as span,
            'bill_3m' as variant,
            'bills' as source,
            s.value as expected_rate,
            s.status,
            'NOT_AVAILABLE' as status_step,
            'NOT_AVAILABLE' as status_probability,
            s.snapshot_at as known_at
        from {{ ref("int_series_as_known") }} as s
        where s.series_id = 'DGS3MO' and s.released_at is not null
    ),
    told as (
        select *
        from futures
        union all by name
        select *
        from tracker
        union all by name
        select *
        from ladders
        union all by name
        select *
        from bills
    ),
    said as (
        select
            * exclude (status),
            case when status = 'OK' and expected_rate is null then 'UNDEFINED' else status end as status
        from told
    )
select
    session_date,
    meeting_date,
    variant,
    source,
    span,
    {% for name in ["p_cut", "p_hold", "p_hike"] %}
        case when status_probability = 'OK' then {{ one_zero("round(" ~ name ~ ", 9)") }} end as {{ name }},
    {% endfor %}
    {% for name in ["step_cut", "step_hold", "step_hike", "start_rate"] %}
        case when status_step = 'OK' then {{ one_zero("round(" ~ name ~ ", 9)") }} end as {{ name }},
    {% endfor %}
    case when status = 'OK' then {{ one_zero("round(expected_rate, 9)") }} end as expected_rate,
    case when status_probability = 'OK' then {{ one_zero("round(expected_bp, 6)") }} end as expected_bp,
    case when status_step = 'OK' then {{ one_zero("round(fit_resid_bp, 6)") }} end as fit_resid_bp,
    coalesce(abs(fit_resid_bp) > 3, false) as is_poor_fit,
    source = 'zq' and variant = 'anchor_both' as is_default,
    status,
    status_step,
    status_probability,
    known_at
from said
order by session_date, source, variant, meeting_date
