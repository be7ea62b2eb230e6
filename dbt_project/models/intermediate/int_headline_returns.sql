-- Log returns of the headline index between consecutive sessions; the first return after a gap is missing, not
-- stretched.
select
    p.instrument_id as index_id,
    p.session_date,
    p.session_no,
    p.close_ticks,
    p.high_ticks,
    p.low_ticks,
    p.is_traded,
    case
        when p.gap_sessions = 1
        then
            ln(
                p.close_ticks
                / cast(lag(p.close_ticks) over (partition by p.instrument_id order by p.session_no) as double)
            )
    end as log_return,
    p.known_at
from {{ ref("int_prices") }} as p
inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id
where i.role = 'headline'
order by p.session_date
